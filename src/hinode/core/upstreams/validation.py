"""Validation of what the operator enters for an upstream account. All raise ``HinodeError``."""

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
    """Raise for an account that cannot be added."""
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
        raise _bad("email", "'email' is an e-mail address.")
    check_slots(new.slots)


def check_engine(engine: str, engines: Collection[str]) -> None:
    """Raise unless an engine has accounts."""
    if engine not in engines:
        there = ", ".join(sorted(engines)) or "none"
        raise HinodeError(
            ErrorCode.UNSUPPORTED_VALUE,
            f"No engine '{engine[:80]}' with accounts is in the settings.",
            param="engine",
            hint=f"There are: {there}. Add a table [engines.NAME] whose kind has accounts to "
            "hinode.toml: docs/reference/settings.md marks them.",
        )


def check_label(label: str) -> None:
    """Raise for a note that is too long."""
    if len(label) > _LONGEST_LABEL:
        raise _bad("label", f"'label' has at most {_LONGEST_LABEL} characters.")
    check_storable(label, "label")


def check_slots(slots: Slots) -> None:
    """Raise for a number of jobs at once that makes no sense."""
    for name, count in (("video_concurrency", slots.videos), ("image_concurrency", slots.images)):
        if not UNLIMITED <= count <= _MOST_SLOTS:
            raise _bad(name, f"'{name}' is 0 to {_MOST_SLOTS}, or -1 for any number, not {count}.")


def _check_token(name: str, text: str, most: int) -> None:
    visible = text.isascii() and text.isprintable() and " " not in text and ";" not in text
    if not text or not visible or len(text) > most:
        # The token itself is in no message.
        raise _bad(name, f"'{name}' is no token: 1 to {most} letters, digits and signs.")


def _bad(param: str, message: str) -> HinodeError:
    return HinodeError(ErrorCode.INVALID_VALUE, message, param=param)
