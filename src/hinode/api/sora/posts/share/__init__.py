"""The public page of a published video."""
