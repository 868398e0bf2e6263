"""The shapes of engines and of their accounts in the admin API, as documentation."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hinode.api.admin.schemas import AdminSchema, PlanName

AdminState = Literal["open", "draining", "stopped"]
_SLOTS = "At once; -1: any number, 0: none."


class AdminEngine(AdminSchema):
    """An engine that models name: what it is told to do, its jobs, and how it has been doing."""

    name: str
    admin_state: AdminState
    queued: int
    running: int
    failures: int = Field(description="In a row.")
    cooldown_until: int | None
    reason: str | None = Field(description="What went wrong last.")


class ChangeEngine(AdminSchema):
    """`draining` finishes what is queued and gets nothing new; `stopped` starts nothing."""

    admin_state: AdminState


class EngineList(AdminSchema):
    """All engines, by name."""

    data: list[AdminEngine]


class CreateEngineAccount(AdminSchema):
    """An account at an engine's server, by at least one of its tokens, which are never shown.

    One whose e-mail address is known already gets the new tokens.
    """

    engine: str
    access_token: str | None = None
    session_token: str | None = None
    refresh_token: str | None = None
    client_id: str | None = None
    email: str | None = None
    label: str | None = Field(default=None, max_length=120)
    video_concurrency: int = Field(default=3, ge=-1, le=1000, description=_SLOTS)
    image_concurrency: int = Field(default=3, ge=-1, le=1000, description=_SLOTS)


class ChangeEngineAccount(AdminSchema):
    """What shall be another of an account; what is absent stays.

    Enabling forgets what went wrong; a disabled one finishes the jobs that it has.
    """

    enabled: bool | None = None
    label: str | None = Field(default=None, max_length=120)
    video_concurrency: int | None = Field(default=None, ge=-1, le=1000, description=_SLOTS)
    image_concurrency: int | None = Field(default=None, ge=-1, le=1000, description=_SLOTS)


class AdminEngineAccount(AdminSchema):
    """An account at an engine's server, without its tokens."""

    id: str
    engine: str
    label: str
    email: str | None
    state: Literal["ready", "resting", "set_aside", "disabled"]
    reason: str | None = Field(description="What went wrong last.")
    plan: PlanName | None = Field(description="What its server said; null: not asked yet.")
    videos_left: int | None
    resets_at: int | None
    expires_at: int | None = Field(description="When its access token does.")
    renewable: bool = Field(description="Whether the access token is renewed by itself.")
    resting_until: int | None
    failures: int = Field(description="In a row.")
    video_concurrency: int
    image_concurrency: int
    videos_running: int
    images_running: int
    videos_made: int
    images_made: int
    last_used_at: int | None
    created_at: int


class EngineAccountPage(AdminSchema):
    """A page of accounts, those added first first."""

    data: list[AdminEngineAccount]
    has_more: bool
    next_cursor: str | None
