"""The one place that knows the version, and the name under which package indexes have Hinode."""

__version__ = "0.1.0"

DISTRIBUTION = "hinode-studio"
"""What is installed; what is imported and run is ``hinode``, another project's name there."""
