"""The error of a file whose metadata cannot be removed."""

import errno


class UnreadableFile(Exception):
    """The file is broken or of an unknown format; the message says why."""


def is_from_system(error: BaseException) -> bool:
    """Return whether the system raised an error, as on a full disk; libraries' have no number."""
    return isinstance(error, OSError) and error.errno in errno.errorcode
