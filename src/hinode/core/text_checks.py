"""Validation of the texts that clients send."""

from __future__ import annotations

from hinode.core.errors import ErrorCode, HinodeError

MAX_PROMPT = 32_000
"""Maximum length of a prompt in characters, as OpenAI's video API documents it."""


def check_prompt(text: str) -> str:
    """Return the prompt unchanged.

    Raises :class:`HinodeError` when it is blank, too long or cannot be stored.
    """
    if not text.strip():
        raise HinodeError(
            ErrorCode.MISSING_VALUE,
            "The prompt is empty.",
            param="prompt",
            hint="Describe the video or image in a sentence.",
        )
    if len(text) > MAX_PROMPT:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"The prompt has {len(text)} characters; the maximum is {MAX_PROMPT}.",
            param="prompt",
            hint="Shorten it.",
        )
    check_storable(text, "prompt")
    return text


def check_storable(text: str, param: str) -> None:
    """Raise :class:`HinodeError` for text that a database cannot store.

    JSON can carry lone surrogates, which UTF-8 cannot encode; PostgreSQL's ``text`` has no NUL.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise HinodeError(
            ErrorCode.INVALID_VALUE, f"'{param}' holds half of a surrogate pair.", param=param
        ) from error
    if "\x00" in text:
        raise HinodeError(ErrorCode.INVALID_VALUE, f"'{param}' holds a NUL character.", param=param)
