"""Characters: made from a video, named, shown, hidden."""
