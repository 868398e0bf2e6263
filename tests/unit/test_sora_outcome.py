"""Reasons of drafts: always there, shown as they are, and no news about the account."""

from __future__ import annotations

import pytest

from hinode.api.sora.drafts.outcome import as_markdown, sanitize_reason

TRAPS = ("400", "401", "403", "429", "unauthorized", "token_", "rate limit", "cloudflare", "cf_sh")


@pytest.mark.parametrize(
    "text",
    [
        "HTTP 401 Unauthorized",
        "the server answered 429: Rate limit exceeded",
        "token_invalidated, then TOKEN_EXPIRED",
        "Cloudflare says cf_shield_429",
        "rate_limited",
    ],
)
def test_no_reason_sounds_like_trouble_with_the_account(text: str) -> None:
    tamed = sanitize_reason(text).lower()

    assert tamed
    assert not [trap for trap in TRAPS if trap in tamed]


def test_other_reasons_stay_as_they_are() -> None:
    text = "There was no room on the disk for 4 files of 40 MB."

    assert sanitize_reason(text) == text


def test_markdown_shows_what_was_written() -> None:
    assert as_markdown("see [a](b) *now* <b>") == r"see \[a\](b) \*now\* \<b\>"
