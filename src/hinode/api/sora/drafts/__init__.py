"""What was made and what is being made."""
