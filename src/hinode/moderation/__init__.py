"""Content moderation by the operator's own service: before a create and after a render."""
