"""The table `[oidc]`: single sign-on."""

from __future__ import annotations

import os
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

PlanName = Literal["free", "plus", "pro", "team"]
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class OidcSettings(BaseModel):
    """An OpenID Connect provider, by which people log in to the web app."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str = Field(
        default="",
        pattern=r"^(https?://[^\s?#@]+)?$",
        description="The provider's issuer, https://…; http:// only on this machine. Empty: none.",
    )
    client_id: str = Field(default="", description="Id of this server at the provider.")
    client_secret: SecretStr = Field(
        default=SecretStr(""), description="Its secret; empty: a public client, by PKCE only."
    )
    client_secret_env: str = Field(
        default="", description="Environment variable with the secret, not `client_secret`."
    )
    scopes: tuple[Annotated[str, Field(pattern=r"^[^\s]+$")], ...] = Field(
        default=("openid", "profile", "email"),
        description="Scopes to ask for; `openid` is always among them.",
    )
    groups_claim: str = Field(
        default="groups", description="Claim of the ID token with the person's groups."
    )
    allowed_groups: tuple[str, ...] = Field(
        default=(), description="Groups whose members may log in; empty: everybody."
    )
    operator_groups: tuple[str, ...] = Field(
        default=(),
        description="Groups whose members are operators, checked at each log-in; empty: roles are "
        "given by hand.",
    )
    plan: PlanName = Field(default="free", description="Plan of a new account.")
    group_plans: dict[str, PlanName] = Field(
        default_factory=dict,
        description='Plans of new accounts by group, the first that matches: {"studio" = "pro"}.',
    )
    credits: int | None = Field(
        default=None,
        ge=0,
        le=1_000_000_000,
        description="Credits of a new account; unset: signup_credits.",
    )
    button: str = Field(
        default="Single sign-on",
        min_length=1,
        max_length=60,
        description="Words on the button of the log-in page.",
    )

    @model_validator(mode="after")
    def _usable(self) -> Self:
        parts = urlsplit(self.issuer)
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise ValueError("issuer must begin with https://, or be on this machine")
        if bool(self.issuer) != bool(self.client_id):
            raise ValueError("issuer and client_id are given together")
        return self

    @property
    def enabled(self) -> bool:
        """True with a provider."""
        return bool(self.issuer)

    @property
    def secret(self) -> str:
        """Return the client's secret; empty for a public client."""
        return self.client_secret.get_secret_value() or os.environ.get(self.client_secret_env, "")
