"""The version, and the name of the distribution in package indexes."""

__version__ = "0.1.0"

DISTRIBUTION = "hinode-studio"
"""The distribution to install; the package and the command are both ``hinode``.

The name ``hinode`` itself belongs to another project in package indexes.
"""
