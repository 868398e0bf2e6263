"""Parts that schemas of the Sora dialect share."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from hinode.api.parsing import DefaultedInteger, Nullable
from hinode.api.values import Value
from hinode.core.errors import ErrorCode, HinodeError

MAX_PAGE = 100
"""Entries of a page, however many a client asks for: pollers ask for a lot."""

T = TypeVar("T")

PageLimit = DefaultedInteger[
    Annotated[
        int,
        Field(ge=1, description=f"More than {MAX_PAGE} means {MAX_PAGE}."),
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


class SoraSchema(BaseModel):
    """An object in an answer, with every key that it may have.

    Serializers write answers; tests hold them to these schemas.
    """

    model_config = ConfigDict(extra="forbid")


class SoraErrorBody(SoraSchema):
    """An error; ``details`` are facts for programs, if there are any."""

    message: str
    type: str
    param: str | None = Field(description="The field at fault, if there is one.")
    code: str = Field(description="Stable, for programs.")
    details: dict[str, str | int | float | bool | None] | None = None


class SoraErrorEnvelope(BaseModel):
    """The body of every failure; ``error`` is always an object."""

    error: SoraErrorBody
