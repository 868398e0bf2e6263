"""The key that signs access tokens: made once, kept for its owner only, the same for all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hinode.kit.jwt_keys import JwtKeys

CLAIMS = {"aud": ["us"], "sub": "somebody", "exp": 1}


def test_servers_that_start_together_share_one_key(tmp_path: Path) -> None:
    path = tmp_path / "jwt.key"
    servers = [JwtKeys(path) for _ in range(3)]

    with ThreadPoolExecutor(3) as pool:
        tokens = list(pool.map(lambda one: one.sign(CLAIMS), servers))

    assert all(one.read(token, "us") == CLAIMS for one in servers for token in tokens)
    assert len({one.published()["kid"] for one in servers}) == 1
    assert path.stat().st_mode & 0o077 == 0


def test_tokens_for_others_and_of_other_keys_are_not_ours(tmp_path: Path) -> None:
    ours, theirs = JwtKeys(tmp_path / "ours"), JwtKeys(tmp_path / "theirs")

    assert ours.read(ours.sign({**CLAIMS, "aud": ["them"]}), "us") is None
    assert ours.read(theirs.sign(CLAIMS), "us") is None
    assert ours.read(ours.sign({"aud": ["us"], "sub": "no end"}), "us") is None


@pytest.mark.parametrize("content", ["", "no key", "-----BEGIN PRIVATE KEY-----"])
def test_a_file_that_is_no_key_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "jwt.key"
    path.write_text(content)

    with pytest.raises(OSError, match=r"jwt\.key holds no RSA key"):
        JwtKeys(path).sign(CLAIMS)
