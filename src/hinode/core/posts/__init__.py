"""Posts: videos that their owners published."""
