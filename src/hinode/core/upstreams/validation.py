"""Validation of the fields of upstream accounts; all functions raise ``HinodeError``."""

from __future__ import annotations

from collections.abc import Collection

from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.text_checks import check_storable
from hinode.core.upstreams.types import UNLIMITED, Slots, UpstreamAccountCreate, is_email

LONGEST_TOKEN = 8_192
_LONGEST_CLIENT = 120
_LONGEST_LABEL = 120
_MOST_SLOTS = 1_000


def check(new: UpstreamAccountCreate, engines: Collection[str]) -> None:
    """Reject an account with an invalid field or without a token."""
    check_engine(new.engine, engines)
    tokens = new.tokens
    given = {
        "access_token": tokens.access,
        "session_token": tokens.session,
        "refresh_token": tokens.refresh,
    }
    if not any(given.values()):
        raise _bad("access_token", "An account needs an access, session or refresh token.")
    for name, text in given.items():
        if text is not None:
            _check_token(name, text, LONGEST_TOKEN)
    if tokens.client_id is not None:
        _check_token("client_id", tokens.client_id, _LONGEST_CLIENT)
    check_label(new.label)
    if new.email is not None and not is_email(new.email):
        raise _bad("email", "'email' is not a valid e-mail address.")
    check_slots(new.slots)


def check_engine(engine: str, engines: Collection[str]) -> None:
    """Reject an engine that is unknown or has no accounts."""
    if engine not in engines:
        there = ", ".join(sorted(engines)) or "none"
        raise HinodeError(
            ErrorCode.UNSUPPORTED_VALUE,
            f"The settings have no engine '{engine[:80]}' with accounts.",
            param="engine",
            hint=f"Available: {there}. Add a table [engines.NAME] whose kind has accounts to "
            "hinode.toml: docs/reference/settings.md lists these kinds.",
        )


def check_label(label: str) -> None:
    """Reject a label that is too long or cannot be stored."""
    if len(label) > _LONGEST_LABEL:
        raise _bad("label", f"'label' has at most {_LONGEST_LABEL} characters.")
    check_storable(label, "label")


def check_slots(slots: Slots) -> None:
    """Reject a number of slots out of range."""
    for name, count in (("video_concurrency", slots.videos), ("image_concurrency", slots.images)):
        if not UNLIMITED <= count <= _MOST_SLOTS:
            raise _bad(name, f"'{name}' is 0 to {_MOST_SLOTS}, or -1 for no limit, not {count}.")


def _check_token(name: str, text: str, most: int) -> None:
    visible = text.isascii() and text.isprintable() and " " not in text and ";" not in text
    if not text or not visible or len(text) > most:
        # The message must not quote the token, which is a secret.
        raise _bad(name, f"'{name}' is not a token of 1 to {most} printable ASCII characters.")


def _bad(param: str, message: str) -> HinodeError:
    return HinodeError(ErrorCode.INVALID_VALUE, message, param=param)
