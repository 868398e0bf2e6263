"""The error of a file whose metadata cannot be removed."""


class UnreadableFile(Exception):
    """The file is broken or of an unknown format; the message says why."""
