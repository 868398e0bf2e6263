"""Open-weight models on disk: getting, checking and measuring them, without torch."""
