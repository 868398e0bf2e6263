"""Schemas of accounts and sessions: requests are parsed, answers documented by them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from hinode.api.parsing import Defaulted, Nullable, Remedy, RequestSchema, Required
from hinode.api.sora.posts.schemas import ProfileObject
from hinode.api.sora.schemas import SoraSchema

_Text = Annotated[str, Field(max_length=1_000)]


class UsernameBody(RequestSchema):
    """A username to check or to set."""

    username: Annotated[Required[_Text], Remedy("3 to 30 letters, digits, dots or underscores.")]


class AcceptInvite(RequestSchema):
    """An invite code."""

    invite_code: Annotated[Required[_Text], Remedy("Every account has one to give away.")]


class SignUpRequest(RequestSchema):
    """A new account."""

    email: Annotated[Required[_Text], Remedy("An e-mail address.")]
    password: Annotated[Required[_Text], Remedy("At least 8 characters.")]
    username: Nullable[str] = None
    invite_code: Nullable[str] = None


class LogInRequest(RequestSchema):
    """Credentials; ``email`` may hold a username, and ``username`` an address."""

    email: Nullable[_Text] = None
    username: Nullable[_Text] = None
    password: Annotated[Required[_Text], Remedy("The account's password.")]


class TokenRequest(RequestSchema):
    """A refresh token to exchange; the client's other fields do not matter."""

    grant_type: Defaulted[Literal["refresh_token"]] = "refresh_token"
    refresh_token: Annotated[Required[_Text], Remedy("From the last log-in or refresh.")]


class MeObject(SoraSchema):
    """The caller."""

    id: str = Field(description="`user-` and 32 hexadecimal digits.")
    object: Literal["user"]
    email: str
    username: str | None = Field(description="Null until one is set.")
    name: str
    picture: None
    created_at: int = Field(description="Seconds since 1970.")


class MyProfile(SoraSchema):
    """The caller's public profile and private fields."""

    profile: ProfileObject
    my_info: MeObject


class AuthenticationStatus(SoraSchema):
    """The token is valid."""

    authenticated: bool
    user: MeObject


class SuccessResponse(SoraSchema):
    """The request was carried out."""

    success: bool


class SubscriptionPlan(SoraSchema):
    """A plan by the names that clients know."""

    id: Literal["chatgpt_plus", "chatgpt_pro", "chatgpt_team"]
    title: str


class SubscriptionObject(SoraSchema):
    """A plan that is not the free one."""

    plan: SubscriptionPlan
    end_ts: str = Field(description="ISO 8601; far away, plans end when the operator says so.")


class SubscriptionList(SoraSchema):
    """The account's plan; empty for the free one."""

    data: list[SubscriptionObject]


class CreditBalance(SoraSchema):
    """The credits that are left."""

    credits: int


class QuotaObject(SoraSchema):
    """The videos and credits that are left."""

    rate_limit_reached: bool
    access_resets_in_seconds: int = Field(description="Until the oldest counted video is a day old")
    credit_remaining: int
    estimated_num_videos_remaining: int = Field(description="By the plan's day and by the credits.")
    estimated_num_purchased_videos_remaining: int = Field(description="Always 0 here.")


class QuotaCheck(SoraSchema):
    """The videos and credits that are left, and whether none are."""

    type: Literal["ok", "rate_limit_exhausted"]
    rate_limit_and_credit_balance: QuotaObject


class InviteStatus(SoraSchema):
    """The account's own invite code."""

    invite_code: str
    redeemed_count: int
    total_count: int


class InviteAccepted(SoraSchema):
    """The account is active."""

    success: bool
    already_accepted: bool


class UsernameAvailability(SoraSchema):
    """The availability of a username."""

    available: bool


class SoraModelObject(SoraSchema):
    """A model."""

    id: str
    kind: str


class SoraModelList(SoraSchema):
    """The models that render videos."""

    models: list[SoraModelObject]


class PlanParameters(SoraSchema):
    """The limits of the account's plan; 0: none."""

    plan: Literal["free", "plus", "pro", "team"]
    videos_per_day: int
    max_concurrent_tasks: int
    invites: int


class SessionUser(SoraSchema):
    """The user of a session."""

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
    expires: str = Field(description="ISO 8601: when the access token expires; then ask again.")
    account: SessionAccount
    accessToken: str
    authProvider: str
    rumViewTags: dict[str, Any]


class OptionalSession(BaseModel):
    """A session; without cookie and token an empty object."""

    model_config = ConfigDict(extra="forbid")

    user: SessionUser | None = None
    expires: str | None = None
    account: SessionAccount | None = None
    accessToken: str | None = None
    authProvider: str | None = None
    rumViewTags: dict[str, Any] | None = None


class SessionWithTokens(SessionObject):
    """A new session and its other tokens, which no later answer has."""

    session_token: str = Field(description="The value of the cookie; it stays the same.")
    refresh_token: str = Field(description="Good for one use at `/oauth/token`.")


class TokenResponse(SoraSchema):
    """New tokens for a refresh token."""

    access_token: str
    refresh_token: str
    expires_in: int = Field(description="Seconds.")
    token_type: Literal["Bearer"]


class JsonWebKeySet(BaseModel):
    """A JSON Web Key Set (RFC 7517)."""

    keys: list[dict[str, str]]
