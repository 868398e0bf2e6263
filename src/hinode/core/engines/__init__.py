"""Administrative state, cooldowns and presence of engines."""
