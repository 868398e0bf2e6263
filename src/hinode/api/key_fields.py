"""The fields of API keys that operators and owners share: limits, changes, and the key's object."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, Strict

from hinode.api.parsing import (
    Boolean,
    ClosedRequestSchema,
    Defaulted,
    DefaultedFlag,
    NullableInteger,
    Required,
)
from hinode.api.response_schema import ResponseSchema
from hinode.api.unix_times import from_unix, to_unix
from hinode.core.auth.key_limits import read_networks
from hinode.core.auth.types import Key, Priority, Scope

Spend = Annotated[int, Field(ge=0, le=1_000_000_000)]
Count = Annotated[int, Field(ge=1, le=1_000_000_000)]
Time = Annotated[int, Field(ge=0, le=int(datetime(9000, 1, 1, tzinfo=UTC).timestamp()) - 1)]
KeyName = Annotated[str, Field(max_length=80)]
Names = Defaulted[Annotated[list[str], Field(max_length=100)]]

_LIMITS = (
    "spend_hour", "spend_day", "spend_total", "per_minute", "max_unfinished", "models", "networks",
    "max_priority", "local_only",
)  # fmt: skip


class KeyLimitFields(ClosedRequestSchema):
    """The limits of a key; null or an empty list is no limit."""

    spend_hour: NullableInteger[Spend] = Field(
        default=None, description="Spend limit in credits per hour."
    )
    spend_day: NullableInteger[Spend] = Field(
        default=None, description="Spend limit in credits per day."
    )
    spend_total: NullableInteger[Spend] = Field(
        default=None, description="Spend limit in credits in total."
    )
    per_minute: NullableInteger[Count] = Field(
        default=None, description="Rate limit in requests per minute."
    )
    max_unfinished: NullableInteger[Count] = Field(
        default=None, description="Maximum of unfinished jobs."
    )
    models: Names = Field(default=[], description="Names of the allowed models.")
    networks: Names = Field(
        default=[],
        description="Allowed client addresses and networks, IPv4 or IPv6.",
        examples=[["203.0.113.0/24"]],
    )
    max_priority: Defaulted[Annotated[Priority, Strict(False)]] = Field(
        default=Priority.NORMAL, description="Highest priority that jobs of the key may have."
    )
    local_only: DefaultedFlag = Field(
        default=False, description="Its jobs go to no engine whose server is outside of the house."
    )

    def limits(self) -> dict[str, Any]:
        """Return the limits that the request sets. Raises :class:`HinodeError`."""
        given = {name: getattr(self, name) for name in _LIMITS if name in self.model_fields_set}
        if "models" in given:
            given["models"] = tuple(self.models)
        if "networks" in given:
            given["networks"] = read_networks(self.networks)
        return given


class KeyUpdateFields(KeyLimitFields):
    """Changes of a key by operators and owners; omitted fields are unchanged."""

    name: Required[KeyName | None] = Field(default=None, description="Name of the key.")
    expires_at: NullableInteger[Time] = Field(
        default=None, description="Expiry in Unix seconds; null for none."
    )
    strict_fields: Boolean = Field(
        default=None,
        description="True to refuse its requests with unknown fields, false to name these in the "
        "answer.",
    )

    def updated(self, key: Key, scopes: Iterable[str] | None) -> Key:
        """Return a key with the given fields and scopes. Raises :class:`HinodeError`."""
        given: dict[str, Any] = {}
        if "name" in self.model_fields_set:
            given["name"] = self.name
        if scopes is not None:
            given["scopes"] = frozenset(map(Scope, scopes))
        if "expires_at" in self.model_fields_set:
            given["expires_at"] = from_unix(self.expires_at)
        if self.strict_fields is not None:
            given["strict_fields"] = self.strict_fields
        return replace(key, **given, limits=replace(key.limits, **self.limits()))


class KeyObject(ResponseSchema):
    """A key, without its secret. Times are in Unix seconds."""

    id: str = Field(description="Id of the key (UUID).")
    name: str = Field(description="Name of the key.")
    hint: str = Field(description="Start and end of the secret, to recognise the key.")
    created_at: int = Field(description="Time of creation.")
    expires_at: int | None = Field(description="Expiry; null if the key does not expire.")
    disabled_at: int | None = Field(
        description="Time at which an operator disabled it; null if enabled."
    )
    revoked_at: int | None = Field(description="Time of revocation; null if not revoked.")
    strict_fields: bool = Field(description="True if its requests with unknown fields are refused.")
    spent: int = Field(description="Credits charged to and held by its jobs.")
    spend_hour: int | None = Field(description="Spend limit in credits per hour; null: none.")
    spend_day: int | None = Field(description="Spend limit in credits per day; null: none.")
    spend_total: int | None = Field(description="Spend limit in credits in total; null: none.")
    per_minute: int | None = Field(description="Rate limit in requests per minute; null: none.")
    max_unfinished: int | None = Field(description="Maximum of unfinished jobs; null: none.")
    models: list[str] = Field(description="Names of the allowed models; empty: any.")
    networks: list[str] = Field(
        description="Allowed client addresses and networks, IPv4 or IPv6; empty: any."
    )
    max_priority: Literal["low", "normal", "high"] = Field(
        description="Highest priority that jobs of the key may have."
    )
    local_only: bool = Field(
        description="True if its jobs go to no engine whose server is outside of the house."
    )


def key_fields(key: Key, spent: int) -> dict[str, Any]:
    """Return the JSON of a key and of the credits that its jobs hold or were charged."""
    limits = key.limits
    return {
        "id": str(key.id),
        "name": key.name,
        "hint": key.hint,
        "scopes": sorted(key.scopes),
        "created_at": to_unix(key.created_at),
        "expires_at": to_unix(key.expires_at),
        "disabled_at": to_unix(key.disabled_at),
        "revoked_at": to_unix(key.revoked_at),
        "strict_fields": key.strict_fields,
        "spent": spent,
        "spend_hour": limits.spend_hour,
        "spend_day": limits.spend_day,
        "spend_total": limits.spend_total,
        "per_minute": limits.per_minute,
        "max_unfinished": limits.max_unfinished,
        "models": list(limits.models),
        "networks": [str(network) for network in limits.networks],
        "max_priority": limits.max_priority.value,
        "local_only": limits.local_only,
    }
