"""Password hashes: what they cost, and whom they let in."""

from __future__ import annotations

import pytest

from hinode.kit.passwords import PARAMETERS, hash_password, verify_password
from tests.support.cheap_secrets import REAL_PARAMETERS

PASSWORD = "correct horse"


def test_a_hash_has_the_cost_that_owasp_asks_for() -> None:
    assert REAL_PARAMETERS == (19_456, 2, 1)
    memory, passes, lanes = PARAMETERS
    assert hash_password(PASSWORD).startswith(f"$argon2id$v=19$m={memory},t={passes},p={lanes}$")


@pytest.mark.parametrize("other", ["", "correct horse ", "Correct horse", "\ud800"])
def test_only_the_password_itself_matches(other: str) -> None:
    stored = hash_password(PASSWORD)
    assert verify_password(stored, PASSWORD)
    assert not verify_password(stored, other)


@pytest.mark.parametrize("stored", [None, "", "plain", "$argon2id$v=19$m=8,t=1,p=1$broken"])
def test_what_is_no_hash_matches_nothing(stored: str | None) -> None:
    assert not verify_password(stored, PASSWORD)
    assert not verify_password(stored, "nobody")
