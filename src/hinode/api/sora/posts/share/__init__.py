"""The public page of a post."""
