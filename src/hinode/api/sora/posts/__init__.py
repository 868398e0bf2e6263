"""Posts, feeds, user search, share pages."""
