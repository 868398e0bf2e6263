"""Responses about an account: its user, plan, quota and tokens."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from hinode.engines.sora.errors import SoraInvalidResponse
from hinode.engines.sora.json_reader import JsonReader

MAX_TOKEN_LENGTH = 8_192


@dataclass(frozen=True, slots=True)
class UpstreamSession:
    """An access token of a session token, and the expiry of the latter."""

    access_token: str = field(repr=False)
    expires: datetime | None
    email: str | None

    @classmethod
    def read(cls, value: object) -> Self:
        """Raises :class:`hinode.engines.sora.errors.SoraInvalidResponse`, as all parsers do."""
        fields = JsonReader(value)
        user = fields.optional_object("user")
        return cls(
            _token(fields, "accessToken"),
            fields.optional_datetime("expires"),
            user.optional_text("email") if user else None,
        )


@dataclass(frozen=True, slots=True)
class RefreshResult:
    """The tokens of a refresh: ``refresh_token`` replaces the old one; None: that stays valid."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_in: float | None

    @classmethod
    def read(cls, value: object) -> Self:
        """Parse the response of the token endpoint."""
        fields = JsonReader(value)
        return cls(
            _token(fields, "access_token"),
            _token(fields, "refresh_token") if fields.has("refresh_token") else None,
            fields.optional_number("expires_in"),
        )


def _token(fields: JsonReader, key: str) -> str:
    """Return a token that is valid in a header."""
    token = fields.text(key)
    if (
        len(token) > MAX_TOKEN_LENGTH
        or not token.isascii()
        or not token.isprintable()
        or " " in token
    ):
        raise SoraInvalidResponse(f"The server's '{key}' is no token.", may_have_executed=True)
    return token


@dataclass(frozen=True, slots=True)
class UpstreamMe:
    """The owner of a token; ``username`` is None until one was chosen."""

    email: str | None
    name: str | None
    username: str | None

    @classmethod
    def read(cls, value: object) -> Self:
        """Parse the response of ``/me``."""
        fields = JsonReader(value)
        return cls(*(fields.optional_text(key) for key in ("email", "name", "username")))


@dataclass(frozen=True, slots=True)
class UpstreamSubscription:
    """A plan and its end; ids seen are ``chatgpt_plus``, ``chatgpt_pro`` and ``chatgpt_team``."""

    plan_id: str
    title: str | None
    ends_at: datetime | None

    @classmethod
    def read(cls, fields: JsonReader) -> Self:
        """Parse one of ``/billing/subscriptions``."""
        plan = fields.object("plan")
        return cls(plan.text("id"), plan.optional_text("title"), fields.optional_datetime("end_ts"))


@dataclass(frozen=True, slots=True)
class UpstreamQuota:
    """The quota left to an account; None: the server does not say.

    ``videos`` are those left of the plan, ``purchased`` those bought besides, ``resets_in`` the
    seconds until the plan's quota resets.
    """

    videos: float | None
    purchased: float | None
    credits: float | None
    reached: bool
    resets_in: float | None

    @classmethod
    def read(cls, fields: JsonReader) -> Self:
        """Parse ``rate_limit_and_credit_balance``."""
        return cls(
            videos=fields.optional_number("estimated_num_videos_remaining"),
            purchased=fields.optional_number("estimated_num_purchased_videos_remaining"),
            credits=fields.optional_number("credit_remaining"),
            reached=fields.flag("rate_limit_reached"),
            resets_in=fields.optional_number("access_resets_in_seconds"),
        )

    @property
    def exhausted(self) -> bool:
        """Return whether a create would be rejected."""
        known = self.videos is not None
        return self.reached or (known and (self.videos or 0) + (self.purchased or 0) <= 0)


@dataclass(frozen=True, slots=True)
class InviteCode:
    """An account's own invite code and how often it was used."""

    code: str
    redeemed: int
    total: int

    @classmethod
    def read(cls, value: object) -> Self:
        """Parse the response of ``/project_y/invite/mine``."""
        fields = JsonReader(value)
        return cls(
            fields.text("invite_code"),
            fields.optional_int("redeemed_count") or 0,
            fields.optional_int("total_count") or 0,
        )


@dataclass(frozen=True, slots=True)
class InviteAcceptance:
    """The result of accepting an invite code."""

    success: bool
    already: bool

    @classmethod
    def read(cls, value: object) -> Self:
        """Parse the response of ``/project_y/invite/accept``."""
        fields = JsonReader(value)
        return cls(fields.flag("success"), fields.flag("already_accepted"))


@dataclass(frozen=True, slots=True)
class UpstreamProfile:
    """A user or a character as others see it."""

    user_id: str | None
    username: str | None
    display_name: str | None
    picture_url: str | None
    can_cameo: bool

    @classmethod
    def read(cls, fields: JsonReader) -> Self:
        """Parse a profile object."""
        return cls(
            fields.optional_text("user_id", "character_id", "id"),
            fields.optional_text("username"),
            fields.optional_text("display_name"),
            fields.optional_text("profile_picture_url", "profile_asset_url"),
            fields.flag("can_cameo"),
        )
