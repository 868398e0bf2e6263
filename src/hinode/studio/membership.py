"""The verbs of people with accounts in the Sora dialect: who they are and what they may do."""

from __future__ import annotations

from dataclasses import dataclass

from hinode.studio.access.types import Caller, Scope
from hinode.studio.studio import Studio


@dataclass(frozen=True, slots=True)
class Membership:
    """Accounts as their owners use them. All methods raise :class:`StudioError`."""

    studio: Studio

    def caller(self, secret: str | None) -> Caller:
        """Prove who is calling, with an access token or an API key with the scope ``sora``."""
        return self.studio.authenticate(secret, Scope.SORA)
