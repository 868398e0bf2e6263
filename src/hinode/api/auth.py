"""Authenticate the caller of a request in the thread hop that calls the service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, TypeVar

from starlette.requests import Request

from hinode.api.context import ApiContext
from hinode.core.auth.types import Caller, Scope

P = ParamSpec("P")
T = TypeVar("T")

_SCHEME = "bearer "


@dataclass(frozen=True, slots=True)
class Authenticator:
    """Authenticates the callers of routes that need one scope.

    Both methods raise :class:`hinode.core.errors.HinodeError` for credentials that may not pass.
    """

    context: ApiContext
    scope: Scope

    async def caller(self, request: Request) -> Caller:
        """Return who calls: for routes that read a body, which strangers must not make us do."""
        return await self.context.call(self._authenticate, secret_of(request))

    async def call(
        self,
        request: Request,
        operation: Callable[Concatenate[Caller, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Call a service's operation for the caller, in one thread hop."""
        secret = secret_of(request)

        def authenticated() -> T:
            return operation(self._authenticate(secret), *args, **kwargs)

        return await self.context.call(authenticated)

    def _authenticate(self, secret: str | None) -> Caller:
        return self.context.core.auth.authenticate(secret, self.scope)


def secret_of(request: Request) -> str | None:
    """Return the key in the ``Authorization`` header, sent with or without ``Bearer``."""
    header = request.headers.get("authorization", "").strip()
    if header[: len(_SCHEME)].lower() == _SCHEME:
        header = header[len(_SCHEME) :].strip()
    return header or None
