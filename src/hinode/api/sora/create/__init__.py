"""Creating videos and images, and storing their inputs."""
