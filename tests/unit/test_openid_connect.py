"""ID tokens that an attacker or a confused provider may send, and the discovery document."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import ValidationError

from hinode.config.oidc import OidcSettings
from hinode.kit.openid_connect import OpenIdClient, SignOnAttempt, SignOnFailed
from hinode.kit.safe_fetch import FetchPolicy

ISSUER, CLIENT = "https://id.example", "hinode"
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
KEY = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
OTHER = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
PEM = KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)
GOOD: dict[str, Any] = {
    "iss": ISSUER,
    "sub": "alice",
    "aud": CLIENT,
    "exp": int(NOW.timestamp()) + 300,
    "iat": int(NOW.timestamp()) - 5,
    "nonce": "n",
}


def client() -> OpenIdClient:
    return OpenIdClient(ISSUER, CLIENT, "", ("openid",), FetchPolicy(1_000, 1.0, 0))


def signed(claims: dict[str, Any], key: rsa.RSAPrivateKey = KEY) -> str:
    return jwt.encode(claims, key, "RS256")


def unsigned(algorithm: str) -> str:
    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': algorithm})}.{part(GOOD)}."


def at(seconds: float) -> int:
    return int((NOW + timedelta(seconds=seconds)).timestamp())


def test_a_token_of_this_attempt_is_believed() -> None:
    assert client().verified(signed(GOOD), KEY.public_key(), "n", NOW)["sub"] == "alice"
    several = signed({**GOOD, "aud": [CLIENT, "x"], "azp": CLIENT})
    assert client().verified(several, KEY.public_key(), "n", NOW)["sub"] == "alice"


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "other"}, {"nonce": None}, {"nonce": ""}, {"iss": "https://evil.example"},
        {"iss": ISSUER + "/"}, {"aud": "other"}, {"aud": []}, {"azp": "other"},
        {"exp": at(-61)}, {"exp": "soon"}, {"exp": 10**20}, {"exp": None},
        {"iat": at(-601)}, {"iat": at(61)}, {"sub": None},
    ],
    ids=str,
)  # fmt: skip
def test_a_token_with_a_wrong_claim_is_refused(claims: dict[str, Any]) -> None:
    given = {name: one for name, one in {**GOOD, **claims}.items() if one is not None}
    with pytest.raises(SignOnFailed):
        client().verified(signed(given), KEY.public_key(), "n", NOW)


@pytest.mark.parametrize(
    "token",
    [
        signed(GOOD, OTHER), unsigned("none"), unsigned("None"), unsigned("RS256"),
        signed(GOOD)[:-4], "", "a.b.c", "ü",
    ],
)  # fmt: skip
def test_a_token_that_the_provider_did_not_sign_is_refused(token: str) -> None:
    with pytest.raises(SignOnFailed):
        client().verified(token, KEY.public_key(), "n", NOW)


def test_a_public_key_is_no_shared_secret() -> None:
    """HS256 with the provider's public key as its secret, which everybody knows."""
    header, body = (
        base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=")
        for one in ({"alg": "HS256"}, GOOD)
    )
    digest = hmac.new(PEM, header + b"." + body, hashlib.sha256).digest()
    token = b".".join((header, body, base64.urlsafe_b64encode(digest).rstrip(b"="))).decode()
    for key in (PEM, KEY.public_key()):
        with pytest.raises(SignOnFailed):
            client().verified(token, key, "n", NOW)


DOCUMENT = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/a",
    "token_endpoint": f"{ISSUER}/t",
    "jwks_uri": f"{ISSUER}/k",
}


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://evil.example"}, {"issuer": None}, {"token_endpoint": "http://id/t"},
        {"jwks_uri": None}, {"authorization_endpoint": "javascript:alert(1)"},
        {"end_session_endpoint": "file:///etc/passwd"},
    ],
    ids=str,
)  # fmt: skip
def test_a_discovery_document_of_another_or_unsafe_place_is_refused(change: dict[str, Any]) -> None:
    assert client()._parsed(DOCUMENT).takes_basic
    with pytest.raises(SignOnFailed):
        client()._parsed({**DOCUMENT, **change})


def test_the_challenge_is_that_of_the_standard() -> None:
    """RFC 7636, appendix B."""
    attempt = SignOnAttempt("s", "n", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    assert attempt.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert len({*(SignOnAttempt.new().state for _ in range(8))}) == 8


@pytest.mark.parametrize(
    "given",
    [
        {"issuer": "http://id.example", "client_id": "x"}, {"issuer": "https://id.example"},
        {"client_id": "x"}, {"issuer": "https://user@id.example", "client_id": "x"},
        {"issuer": "id.example", "client_id": "x"}, {"plan": "gold"}, {"colour": "red"},
    ],
    ids=str,
)  # fmt: skip
def test_settings_that_make_no_safe_provider_are_refused(given: dict[str, Any]) -> None:
    assert OidcSettings(issuer="http://127.0.0.1:9", client_id="x").enabled
    with pytest.raises(ValidationError):
        OidcSettings(**given)
