"""Body of a sign-up: the same for the web app and the Sora dialect."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hinode.api.parsing import Nullable, Remedy, RequestSchema, Required
from hinode.core.auth.signup import SignupRequest

_Text = Annotated[str, Field(max_length=1_000)]


class SignUpBody(RequestSchema):
    """Parameters of a new account."""

    email: Annotated[Required[_Text], Remedy("An e-mail address.")] = Field(
        description="E-mail address of the account."
    )
    password: Annotated[Required[_Text], Remedy("At least 8 characters.")] = Field(
        description="Password, at least 8 characters."
    )
    username: Nullable[str] = Field(default=None, description="Username; it can be set later.")
    invite_code: Nullable[str] = Field(
        default=None, description="Invite code, if the server requires one."
    )

    @property
    def signup(self) -> SignupRequest:
        """The sign-up that the core is asked for."""
        return SignupRequest(self.email, self.password, self.username, self.invite_code)
