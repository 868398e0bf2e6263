"""The state of engines: what the operator decided, and how they have been doing."""
