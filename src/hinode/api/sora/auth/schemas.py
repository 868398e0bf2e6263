"""The shapes of this part of the dialect, as documentation."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from hinode.api.sora.posts.schemas import ProfileObject
from hinode.api.sora.schemas import SoraSchema


class MeObject(SoraSchema):
    """Who is calling."""

    id: str = Field(description="`user-` and 32 hexadecimal digits.")
    object: Literal["user"]
    email: str
    username: str | None = Field(description="Null until one is set.")
    name: str
    picture: None
    created_at: int = Field(description="Seconds since 1970.")


class MyProfile(SoraSchema):
    """Who is calling, as others see them and as only they do."""

    profile: ProfileObject
    my_info: MeObject


class AuthenticationStatus(SoraSchema):
    """The token is good."""

    authenticated: bool
    user: MeObject


class SuccessResponse(SoraSchema):
    """It is done."""

    success: bool


class SubscriptionPlan(SoraSchema):
    """A plan in the words that clients know."""

    id: Literal["chatgpt_plus", "chatgpt_pro", "chatgpt_team"]
    title: str


class SubscriptionObject(SoraSchema):
    """A plan that is not the free one."""

    plan: SubscriptionPlan
    end_ts: str = Field(description="ISO 8601; far away, plans end when the operator says so.")


class SubscriptionList(SoraSchema):
    """The account's plan, or nothing."""

    data: list[SubscriptionObject]


class CreditBalance(SoraSchema):
    """The credits that are left."""

    credits: int


class QuotaObject(SoraSchema):
    """What may still be made."""

    rate_limit_reached: bool
    access_resets_in_seconds: int = Field(description="Until the oldest counted video is a day old")
    credit_remaining: int
    estimated_num_videos_remaining: int = Field(description="By the plan's day and the credits.")
    estimated_num_purchased_videos_remaining: int = Field(description="Always 0 here.")


class QuotaCheck(SoraSchema):
    """What may still be made, and whether that is nothing."""

    type: Literal["ok", "rate_limit_exhausted"]
    rate_limit_and_credit_balance: QuotaObject


class InviteStatus(SoraSchema):
    """The account's own invite code."""

    invite_code: str
    redeemed_count: int
    total_count: int


class InviteAccepted(SoraSchema):
    """The account is active, perhaps since before."""

    success: bool
    already_accepted: bool


class UsernameAvailability(SoraSchema):
    """Whether the account could have the username."""

    available: bool


class SoraModelObject(SoraSchema):
    """A model."""

    id: str
    kind: str


class SoraModelList(SoraSchema):
    """The models that render videos."""

    models: list[SoraModelObject]


class PlanParameters(SoraSchema):
    """What the account's plan allows; 0: any number."""

    plan: Literal["free", "plus", "pro", "team"]
    videos_per_day: int
    max_concurrent_tasks: int
    invites: int


class SessionUser(SoraSchema):
    """Whose session it is."""

    id: str
    name: str
    email: str
    image: None
    picture: None
    idp: str
    iat: int
    mfa: bool


class SessionAccount(SoraSchema):
    """The account of the session."""

    id: str
    planType: str
    structure: str
    workspaceType: None
    organizationId: None
    isDelinquent: bool
    gracePeriodId: None


class SessionObject(SoraSchema):
    """A session and a fresh access token."""

    user: SessionUser
    expires: str = Field(description="ISO 8601: when the access token ends; then ask again.")
    account: SessionAccount
    accessToken: str
    authProvider: str
    rumViewTags: dict[str, Any]


class OptionalSession(BaseModel):
    """A session, or without cookie and token an empty object."""

    model_config = ConfigDict(extra="forbid")

    user: SessionUser | None = None
    expires: str | None = None
    account: SessionAccount | None = None
    accessToken: str | None = None
    authProvider: str | None = None
    rumViewTags: dict[str, Any] | None = None


class SessionWithTokens(SessionObject):
    """A session that was just opened, and its other tokens, which are told only now."""

    session_token: str = Field(description="The value of the cookie; it stays the same.")
    refresh_token: str = Field(description="Good for one use at `/oauth/token`.")


class TokenResponse(SoraSchema):
    """What a refresh token was exchanged for."""

    access_token: str
    refresh_token: str
    expires_in: int = Field(description="Seconds.")
    token_type: Literal["Bearer"]


class JsonWebKeySet(BaseModel):
    """A JSON Web Key Set (RFC 7517)."""

    keys: list[dict[str, str]]
