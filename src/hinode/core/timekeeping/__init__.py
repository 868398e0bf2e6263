"""Detect a clock that jumped, and count the uptime of the workers of one database."""
