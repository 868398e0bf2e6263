"""Which engine renders a job: what operators want of engines, and how these have been doing."""
