"""Characters and cameos."""
