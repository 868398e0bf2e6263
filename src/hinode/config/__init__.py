"""The operator's settings: `settings.py` has them all, the other modules their tables."""
