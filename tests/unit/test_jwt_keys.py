"""The keys that sign access tokens: a token names its key; others are not ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hinode.kit.jwt_keys import JwtKeys, new_token_key
from hinode.kit.named_keys import FixedKeys, NamedKey

CLAIMS = {"iss": "home", "aud": ["us"], "sub": "somebody", "exp": 1}
OLD, NEW, FOREIGN = (NamedKey(name, new_token_key()) for name in ("old", "new", "foreign"))


def read(keys: JwtKeys, token: str) -> Mapping[str, Any] | None:
    return keys.decode(token, issuer="home", audiences=["us"])


def test_tokens_of_a_key_before_hold_while_it_is_honoured() -> None:
    before, both, after = (JwtKeys(FixedKeys(keys)) for keys in ((OLD,), (NEW, OLD), (NEW,)))

    token = before.sign(CLAIMS)

    assert read(both, token) == CLAIMS
    assert read(after, both.sign(CLAIMS)) == CLAIMS
    assert read(after, token) is None
    assert [one["kid"] for one in both.public_jwks()] == ["new", "old"]
    assert all(len(one["n"]) == 342 for one in both.public_jwks())  # 2,048 bits in base64


def test_tokens_for_others_and_of_other_keys_are_not_ours() -> None:
    ours, theirs = JwtKeys(FixedKeys((OLD,))), JwtKeys(FixedKeys((FOREIGN,)))
    forged = JwtKeys(FixedKeys((NamedKey("old", FOREIGN.secret),)))

    assert read(ours, ours.sign(CLAIMS)) == CLAIMS
    assert read(ours, theirs.sign(CLAIMS)) is None
    assert read(ours, forged.sign(CLAIMS)) is None
    for changed in (
        {"aud": ["them"]},
        {"aud": None},
        {"iss": "away"},
        {"iss": None},
        {"exp": None},
    ):
        claims = {name: value for name, value in {**CLAIMS, **changed}.items() if value is not None}
        assert read(ours, ours.sign(claims)) is None
