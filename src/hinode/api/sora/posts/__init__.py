"""Published videos: posts, feeds, profiles, the share page."""
