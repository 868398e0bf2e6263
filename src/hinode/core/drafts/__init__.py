"""What an account made and is making, as Sora's own pages show it."""
