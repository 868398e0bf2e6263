"""Schemas of accounts and sessions: requests are parsed, answers documented by them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from hinode.api.parsing import Defaulted, Nullable, Remedy, RequestSchema, Required
from hinode.api.response_schema import ResponseSchema
from hinode.api.sora.posts.schemas import ProfileObject
from hinode.api.sora.schemas import SoraSchema

_Text = Annotated[str, Field(max_length=1_000)]


class UsernameBody(RequestSchema):
    """A username to check or to set."""

    username: Annotated[
        Required[_Text], Remedy("3 to 30 letters, digits, dots or underscores.")
    ] = Field(description="3 to 30 letters, digits, dots or underscores.")


class AcceptInvite(RequestSchema):
    """An invite code."""

    invite_code: Annotated[Required[_Text], Remedy("Every account has a code for others.")] = Field(
        description="Invite code of another account."
    )


class LogInRequest(RequestSchema):
    """Credentials: a password, and an e-mail address or username in either field."""

    email: Nullable[_Text] = Field(default=None, description="E-mail address or username.")
    username: Nullable[_Text] = Field(
        default=None, description="Username or e-mail address, if `email` is not sent."
    )
    password: Annotated[Required[_Text], Remedy("The account's password.")] = Field(
        description="Password of the account."
    )


class TokenRequest(RequestSchema):
    """A refresh token to exchange; unknown fields are ignored."""

    grant_type: Defaulted[Literal["refresh_token"]] = Field(
        default="refresh_token", description="Always `refresh_token`."
    )
    refresh_token: Annotated[Required[_Text], Remedy("From the last log-in or refresh.")] = Field(
        description="Refresh token of the last log-in or refresh."
    )


class MeObject(SoraSchema):
    """The caller's account."""

    id: str = Field(description="Id of the account: `user-` and 32 hexadecimal digits.")
    object: Literal["user"] = Field(description="Always `user`.")
    email: str = Field(description="E-mail address.")
    username: str | None = Field(description="Username; null until it is set.")
    name: str = Field(description="Display name.")
    picture: None = Field(description="Always null.")
    created_at: int = Field(description="Time of creation in Unix seconds.")


class MyProfile(SoraSchema):
    """The caller's public profile and private fields."""

    profile: ProfileObject
    my_info: MeObject


class AuthenticationStatus(SoraSchema):
    """Confirmation of a valid token, with its account."""

    authenticated: bool
    user: MeObject


class SuccessResponse(SoraSchema):
    """Confirmation of a request."""

    success: bool = Field(description="Always true.")


class SubscriptionPlan(SoraSchema):
    """A plan by the names that clients know."""

    id: Literal["chatgpt_plus", "chatgpt_pro", "chatgpt_team"]
    title: str


class SubscriptionObject(SoraSchema):
    """A plan that is not the free one."""

    plan: SubscriptionPlan
    end_ts: str = Field(
        description="End of the subscription, ISO 8601; always in 2099, since plans do not expire."
    )


class SubscriptionList(SoraSchema):
    """The account's plan; empty for the free one."""

    data: list[SubscriptionObject]


class CreditBalance(SoraSchema):
    """The credit balance."""

    credits: int = Field(description="Credits left.")


class QuotaObject(SoraSchema):
    """The video quota of an account."""

    rate_limit_reached: bool = Field(description="True if no video is left.")
    access_resets_in_seconds: int = Field(
        description="Seconds until the oldest counted video is a day old and one more is available."
    )
    credit_remaining: int = Field(description="Credits left.")
    estimated_num_videos_remaining: int = Field(
        description="Videos left by the plan's daily limit and by the credits."
    )
    estimated_num_purchased_videos_remaining: int = Field(description="Always 0.")


class QuotaCheck(SoraSchema):
    """The video quota, and whether it is exhausted."""

    type: Literal["ok", "rate_limit_exhausted"]
    rate_limit_and_credit_balance: QuotaObject


class InviteStatus(SoraSchema):
    """The account's invite code."""

    invite_code: str = Field(description="The code.")
    redeemed_count: int = Field(description="Number of accounts that used the code.")
    total_count: int = Field(description="Maximum number of accounts that may use the code.")


class InviteAccepted(SoraSchema):
    """Confirmation that the account is active."""

    success: bool = Field(description="Always true.")
    already_accepted: bool = Field(description="True if the account was active before.")


class UsernameAvailability(SoraSchema):
    """The availability of a username."""

    available: bool = Field(description="True if the username is valid and free.")


class SoraModelObject(SoraSchema):
    """A model."""

    id: str
    kind: str


class SoraModelList(SoraSchema):
    """The models that render videos."""

    models: list[SoraModelObject]


class PlanParameters(SoraSchema):
    """The limits of the account's plan; 0 is no limit."""

    plan: Literal["free", "plus", "pro", "team"] = Field(description="The plan.")
    videos_per_day: int = Field(description="Videos per 24 hours.")
    max_concurrent_tasks: int = Field(description="Maximum of unfinished tasks.")
    invites: int = Field(description="Number of accounts that its code can invite.")


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
    expires: str = Field(description="Expiry of the access token, ISO 8601.")
    account: SessionAccount
    accessToken: str = Field(description="Access token, a JWT.")
    authProvider: str
    rumViewTags: dict[str, Any]


class OptionalSession(ResponseSchema):
    """A session, or an empty object for a request without credentials."""

    user: SessionUser | None = None
    expires: str | None = None
    account: SessionAccount | None = None
    accessToken: str | None = None
    authProvider: str | None = None
    rumViewTags: dict[str, Any] | None = None


class SessionWithTokens(SessionObject):
    """A new session with its tokens, which are not shown again."""

    session_token: str = Field(description="Value of the session cookie.")
    refresh_token: str = Field(description="Refresh token, for one use at `/oauth/token`.")


class TokenResponse(SoraSchema):
    """New tokens for a refresh token."""

    access_token: str = Field(description="Access token, a JWT.")
    refresh_token: str = Field(description="The next refresh token.")
    expires_in: int = Field(description="Lifetime of the access token in seconds.")
    token_type: Literal["Bearer"] = Field(description="Always `Bearer`.")


class JsonWebKeySet(BaseModel):
    """A JSON Web Key Set (RFC 7517)."""

    keys: list[dict[str, str]]
