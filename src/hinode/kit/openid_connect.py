"""Client of one OpenID Connect provider: discovery, authorization code with PKCE, ID tokens.

OpenID Connect Core 1.0 (sections 3.1.2, 3.1.3), Discovery 1.0, RFC 7636 (PKCE), RFC 9207 (`iss` of
the response) and RP-Initiated Logout 1.0. Signatures are verified by PyJWT.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

import httpx

from hinode.kit.safe_fetch import FetchError, FetchPolicy, fetch
from hinode.kit.safe_post import post

if TYPE_CHECKING:
    import jwt

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
"""Asymmetric ones only: `none` has no signature, and HMAC's key is one that clients know."""

LONGEST_TOKEN = 32_768
_LEEWAY = timedelta(seconds=60)
_OLDEST = timedelta(minutes=10)
_KEPT_SECONDS = 600.0
_PAUSE_SECONDS = 10.0


class SignOnFailed(Exception):
    """Nobody was signed on; the message is for the operator's log and has no secret."""


@dataclass(frozen=True, slots=True)
class SignOnAttempt:
    """The values that one attempt to sign on is bound to; the browser keeps them meanwhile."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> SignOnAttempt:
        """Return a new attempt."""
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))

    @property
    def challenge(self) -> str:
        """The challenge of PKCE, by S256."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class ProviderEndpoints:
    """The provider's endpoints, from its discovery document."""

    authorization: str
    token: str
    jwks: str
    end_session: str | None
    takes_basic: bool


@dataclass(slots=True)
class OpenIdClient:
    """A client of the provider ``issuer``; an empty ``secret`` is that of a public client."""

    issuer: str
    client_id: str
    secret: str = field(repr=False)
    scopes: tuple[str, ...]
    policy: FetchPolicy
    monotonic: Callable[[], float] = time.monotonic
    _provider: tuple[float, ProviderEndpoints] | None = field(default=None, init=False)
    _keys: tuple[float, jwt.PyJWKSet] | None = field(default=None, init=False)
    _refusal: tuple[float, str] | None = field(default=None, init=False)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def authorization_url(self, attempt: SignOnAttempt, redirect_uri: str) -> str:
        """Return where a browser begins an attempt. Raises :class:`SignOnFailed`."""
        provider = await self.provider()
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(dict.fromkeys(("openid", *self.scopes))),
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        return _with_query(provider.authorization, query)

    async def end_session_url(self, back: str) -> str | None:
        """Return where a browser ends its session at the provider; None if it has no such place."""
        end = (await self.provider()).end_session
        query = {"client_id": self.client_id, "post_logout_redirect_uri": back}
        return None if end is None else _with_query(end, query)

    async def claims(
        self, code: str, attempt: SignOnAttempt, redirect_uri: str, now: datetime
    ) -> Mapping[str, Any]:
        """Exchange a code; return the verified claims of its ID token.

        Raises :class:`SignOnFailed`.
        """
        provider = await self.provider()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": attempt.verifier,
        }
        answer = await self._post(provider, form)
        token = answer.get("id_token")
        if not isinstance(token, str) or len(token) > LONGEST_TOKEN:
            raise SignOnFailed("the provider's answer has no ID token")
        return self.verified(token, await self._key_of(token, provider), attempt.nonce, now)

    def verified(self, token: str, key: Any, nonce: str, now: datetime) -> Mapping[str, Any]:
        """Return the claims of an ID token for us, now, in this attempt, signed with ``key``.

        Raises :class:`SignOnFailed`.
        """
        import jwt

        options: Any = {
            "require": ["iss", "sub", "aud", "exp", "iat", "nonce"],
            # By our clock, which a test moves; PyJWT's is the machine's.
            "verify_exp": False,
            "verify_iat": False,
            "verify_nbf": False,
        }
        try:
            found: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                audience=self.client_id,
                issuer=self.issuer,
                options=options,
            )
            ends, issued = (
                datetime.fromtimestamp(found[one], now.tzinfo) for one in ("exp", "iat")
            )
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as error:
            raise SignOnFailed(f"the ID token is not valid: {error}") from None
        if ends + _LEEWAY <= now or not now - _OLDEST <= issued <= now + _LEEWAY:
            raise SignOnFailed("the ID token has expired, is old, or was issued in the future")
        if not secrets.compare_digest(str(found["nonce"]).encode(), nonce.encode()):
            raise SignOnFailed("the ID token is of another attempt")
        if found.get("azp", self.client_id) != self.client_id:
            raise SignOnFailed("the ID token was issued to another client")
        return found

    async def provider(self) -> ProviderEndpoints:
        """Return the provider's endpoints, read once in ten minutes.

        Raises :class:`SignOnFailed`.
        """
        async with self._lock:
            if self._provider is None or self._is_older(self._provider, _KEPT_SECONDS):
                url = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
                with self._pause_after_failure():
                    self._provider = self.monotonic(), self._parsed(await self._get(url))
            return self._provider[1]

    @contextmanager
    def _pause_after_failure(self) -> Iterator[None]:
        """Share a refusal for some seconds: who waited, or comes meanwhile, asks nobody again."""
        if self._refusal is not None and not self._is_older(self._refusal, _PAUSE_SECONDS):
            raise SignOnFailed(self._refusal[1])
        try:
            yield
        except SignOnFailed as error:
            self._refusal = self.monotonic(), str(error)
            raise

    def _parsed(self, found: Mapping[str, Any]) -> ProviderEndpoints:
        if found.get("issuer") != self.issuer:
            raise SignOnFailed("the discovery document is of another issuer than the setting's")
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        authorization, token, jwks = (self._endpoint(found.get(name), name) for name in names)
        end = found.get("end_session_endpoint")
        methods = found.get("token_endpoint_auth_methods_supported")
        return ProviderEndpoints(
            authorization,
            token,
            jwks,
            None if end is None else self._endpoint(end, "end_session_endpoint"),
            not isinstance(methods, list) or "client_secret_basic" in methods,
        )

    def _endpoint(self, url: object, name: str) -> str:
        """Return an endpoint, which is as safe from eavesdroppers as the issuer."""
        allowed = ("https",) if self.issuer.startswith("https:") else ("https", "http")
        if not isinstance(url, str) or urlsplit(url).scheme not in allowed:
            raise SignOnFailed(f"the provider's {name} is missing or not https")
        return url

    async def _key_of(self, token: str, provider: ProviderEndpoints) -> Any:
        """Return the provider's key that signed a token; its keys are read again for a new one."""
        import jwt

        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError:
            raise SignOnFailed("the ID token cannot be read") from None
        if header.get("alg") not in ALGORITHMS:
            raise SignOnFailed("the ID token's algorithm is not allowed")
        async with self._lock:
            found = self._known_key(header.get("kid"))
            if found is None and self._is_older(self._keys, _PAUSE_SECONDS):
                with self._pause_after_failure():
                    keys = _key_set(await self._get(provider.jwks))
                self._keys = self.monotonic(), keys
                found = self._known_key(header.get("kid"))
        if found is None:
            raise SignOnFailed("the ID token is signed with a key that the provider does not have")
        return found

    def _known_key(self, key_id: object) -> Any:
        """Return a key by its id, unless the keys are old; the only one for a token without id."""
        if self._keys is None or self._is_older(self._keys, _KEPT_SECONDS):
            return None
        usable = [one for one in self._keys[1].keys if one.public_key_use in (None, "sig")]
        if key_id is None:
            return usable[0] if len(usable) == 1 else None
        return next((one for one in usable if one.key_id == key_id), None)

    def _is_older(self, kept: tuple[float, Any] | None, seconds: float) -> bool:
        return kept is None or self.monotonic() - kept[0] > seconds

    async def _get(self, url: str) -> Mapping[str, Any]:
        try:
            answer = await fetch(url, policy=self.policy)
        except FetchError as error:
            raise SignOnFailed(f"{urlsplit(url).path}: {error.code.value}") from None
        return _json(answer.body.read())

    async def _post(self, provider: ProviderEndpoints, form: dict[str, str]) -> Mapping[str, Any]:
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "accept": "application/json",
        }
        if self.secret and provider.takes_basic:
            pair = f"{quote(self.client_id, safe='')}:{quote(self.secret, safe='')}"
            headers["authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        else:
            form |= {"client_id": self.client_id}
            form |= {"client_secret": self.secret} if self.secret else {}
        try:
            body = urlencode(form).encode()
            answer = await post(provider.token, body, headers, policy=self.policy)
        except FetchError as error:
            raise SignOnFailed(f"the token endpoint: {error.code.value}") from None
        if answer.status != httpx.codes.OK:
            raise SignOnFailed(f"the token endpoint: status {answer.status}")
        return _json(answer.body)


def _key_set(found: Mapping[str, Any]) -> jwt.PyJWKSet:
    import jwt

    try:
        return jwt.PyJWKSet.from_dict(dict(found))
    except jwt.PyJWTError:
        raise SignOnFailed("the provider's keys cannot be read") from None


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise SignOnFailed("the provider's answer is no JSON object")
    return found


def _with_query(url: str, query: Mapping[str, str]) -> str:
    return url + ("&" if "?" in url else "?") + urlencode(query)
