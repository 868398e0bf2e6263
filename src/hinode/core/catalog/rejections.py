"""Errors for values that a model does not support."""

from __future__ import annotations

from hinode.core.errors import ErrorCode, HinodeError


def unsupported(message: str, param: str, hint: str = "") -> HinodeError:
    """Return the error for a field with such a value."""
    return HinodeError(ErrorCode.UNSUPPORTED_VALUE, message, param=param, hint=hint)


def supported_values(values: tuple[object, ...]) -> str:
    """Return the hint that lists the values which would do."""
    return f"Supported values are: {', '.join(repr(str(one)) for one in values)}."
