"""The time that this instance believes, and the uptime that it counts."""
