"""What the operator sets: `settings.py` has the settings, the other modules their tables."""
