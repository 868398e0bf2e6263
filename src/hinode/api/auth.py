"""Authentication of requests, in the same thread hop as the service call."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, TypeVar

from starlette.requests import Request

from hinode.api.context import ApiContext
from hinode.core.auth.types import Caller, Scope

P = ParamSpec("P")
T = TypeVar("T")

_SCHEME = re.compile(r"^bearer(\s+|$)", re.IGNORECASE)
# Azure's clients send `api-key`, some gateways' clients `x-api-key`.
_HEADERS = ("authorization", "api-key", "x-api-key")


@dataclass(frozen=True, slots=True)
class Authenticator:
    """Authenticates requests to routes that require ``scope``.

    Methods raise :class:`hinode.core.errors.HinodeError` for missing or invalid credentials, a
    missing scope and an exceeded rate limit.
    """

    context: ApiContext
    scope: Scope

    async def caller(self, request: Request) -> Caller:
        """Return the caller. Routes with a body call it first: only callers may send megabytes."""
        return await self.context.call(self._authenticate, secret_of(request))

    async def call(
        self,
        request: Request,
        operation: Callable[Concatenate[Caller, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Authenticate, then call ``operation`` with the caller, in one thread hop."""
        secret = secret_of(request)

        def authenticated() -> T:
            return operation(self._authenticate(secret), *args, **kwargs)

        return await self.context.call(authenticated)

    def _authenticate(self, secret: str | None) -> Caller:
        return self.context.core.auth.authenticate(secret, self.scope)


def secret_of(request: Request) -> str | None:
    """Return the credentials, with or without ``Bearer``, of the first header that has any.

    The headers are ``Authorization``, ``api-key`` and ``x-api-key``. None without credentials.
    """
    given = (_SCHEME.sub("", request.headers.get(name, "").strip()) for name in _HEADERS)
    return next(filter(None, given), None)
