"""The key that signs access tokens: made once, kept for its owner only, the same for all."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from hinode.kit.jwt_keys import JwtKeys
from hinode.kit.key_file import InvalidKeyFile

CLAIMS = {"iss": "home", "aud": ["us"], "sub": "somebody", "exp": 1}


def read(keys: JwtKeys, token: str) -> Mapping[str, Any] | None:
    return keys.decode(token, issuer="home", audience="us")


def test_servers_that_start_together_share_one_key(tmp_path: Path) -> None:
    path = tmp_path / "jwt.key"
    servers = [JwtKeys(path) for _ in range(3)]

    with ThreadPoolExecutor(3) as pool:
        tokens = list(pool.map(lambda one: one.sign(CLAIMS), servers))

    assert all(read(one, token) == CLAIMS for one in servers for token in tokens)
    assert len({one.public_jwk()["kid"] for one in servers}) == 1
    assert path.stat().st_mode & 0o077 == 0


def test_tokens_for_others_and_of_other_keys_are_not_ours(tmp_path: Path) -> None:
    ours, theirs = JwtKeys(tmp_path / "ours"), JwtKeys(tmp_path / "theirs")

    assert read(ours, ours.sign(CLAIMS)) == CLAIMS
    assert read(ours, theirs.sign(CLAIMS)) is None
    for changed in (
        {"aud": ["them"]},
        {"aud": None},
        {"iss": "away"},
        {"iss": None},
        {"exp": None},
    ):
        claims = {name: value for name, value in {**CLAIMS, **changed}.items() if value is not None}
        assert read(ours, ours.sign(claims)) is None


@pytest.mark.parametrize("content", ["", "no key", "-----BEGIN PRIVATE KEY-----"])
def test_a_file_that_is_no_key_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "jwt.key"
    path.write_text(content)

    with pytest.raises(InvalidKeyFile, match=r"jwt\.key holds no key"):
        JwtKeys(path).sign(CLAIMS)
