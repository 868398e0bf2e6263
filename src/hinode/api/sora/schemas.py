"""Parts that schemas of the Sora dialect share."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from hinode.api.parsing import DefaultedInteger, Nullable
from hinode.api.response_schema import ResponseSchema
from hinode.api.values import Value
from hinode.core.errors import ErrorCode, HinodeError

MAX_PAGE = 100
"""Maximum number of items in a page; larger limits are accepted and lowered to it."""

T = TypeVar("T")

PageLimit = DefaultedInteger[
    Annotated[
        int,
        Field(
            ge=1,
            description=f"Maximum number of items in the page; at most {MAX_PAGE} are returned.",
        ),
        AfterValidator(lambda limit: min(limit, MAX_PAGE)),
    ]
]


def fold_case(value: Value) -> Value:
    """Return a text without surrounding space in lower case, anything else unchanged."""
    return value.strip().lower() if isinstance(value, str) else value


Choice = Annotated[Nullable[T], BeforeValidator(fold_case)]
"""``Choice[Literal[...]]``: one of several words in any case; absent, null and empty are None."""


def invalid_value(param: str, message: str) -> HinodeError:
    """Return the error for a value that breaks a rule of its field."""
    return HinodeError(ErrorCode.INVALID_VALUE, message, param=param)


class SoraSchema(ResponseSchema):
    """Base of the Sora dialect's response objects."""


class SoraErrorBody(SoraSchema):
    """An error."""

    message: str = Field(description="Explanation for people: the broken rule and a remedy.")
    type: str = Field(description="Class of the error.")
    param: str | None = Field(description="The invalid field; null if the error is not about one.")
    code: str = Field(description="Stable error code for programs.")
    details: dict[str, str | int | float | bool | None] | None = Field(
        default=None, description="Additional values for programs, such as the quota."
    )


class SoraErrorEnvelope(BaseModel):
    """The body of every error response."""

    error: SoraErrorBody = Field(description="The error.")
