"""Drafts and tasks."""
