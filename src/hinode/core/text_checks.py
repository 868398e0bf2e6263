"""Checks of the texts that clients send."""

from __future__ import annotations

from hinode.core.errors import ErrorCode, HinodeError

MAX_PROMPT = 32_000
"""Longest prompt in characters, as OpenAI's video API documents it."""


def check_prompt(text: str) -> str:
    """Return the prompt unchanged. Raises :class:`HinodeError` when it cannot be rendered."""
    if not text.strip():
        raise HinodeError(
            ErrorCode.MISSING_VALUE,
            "The prompt is empty.",
            param="prompt",
            hint="Say in a sentence what is to be seen.",
        )
    if len(text) > MAX_PROMPT:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"The prompt has {len(text)} characters; the longest allowed is {MAX_PROMPT}.",
            param="prompt",
        )
    check_storable(text, "prompt")
    return text


def check_storable(text: str, param: str) -> None:
    """Refuse text that is no Unicode or holds NUL, which no database keeps.

    Raises :class:`HinodeError`.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise HinodeError(
            ErrorCode.INVALID_VALUE, f"'{param}' holds half of a surrogate pair.", param=param
        ) from error
    if "\x00" in text:
        raise HinodeError(ErrorCode.INVALID_VALUE, f"'{param}' holds a NUL character.", param=param)
