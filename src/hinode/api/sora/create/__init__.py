"""Making videos and pictures, and what they are made from."""
