"""The Sora dialect: the API of Sora's own web page and apps, below ``/backend``."""
