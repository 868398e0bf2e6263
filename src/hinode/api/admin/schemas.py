"""The shapes of the admin API as documentation: the OpenAPI page is made from them.

Requests are read by :mod:`reading` and :mod:`key_reading`, and answers written by
:mod:`translate`; a test holds these shapes against what really goes over the wire.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

PlanName = Literal["free", "plus", "pro", "team"]
ScopeName = Literal["chat", "images", "videos", "tasks", "sora", "admin", "test"]
_Spend = Field(default=None, ge=0, le=1_000_000_000)
_Count = Field(default=None, ge=1, le=1_000_000_000)


class AdminSchema(BaseModel):
    """A documented object: every key that it may have, and no other."""

    model_config = ConfigDict(extra="forbid")


class AdminErrorBody(AdminSchema):
    """What went wrong."""

    code: str = Field(description="Stable, for programs.")
    message: str
    type: str


class AdminErrorEnvelope(AdminSchema):
    """Every failure, whatever its status."""

    error: AdminErrorBody


class CreateAccount(AdminSchema):
    """An account to be made."""

    name: str = Field(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$", examples=["acme"])
    plan: PlanName = "free"
    credits: int = Field(default=0, ge=0, le=1_000_000_000_000)
    unlimited: bool = False


class ChangeAccount(AdminSchema):
    """What shall be another of an account; what is absent stays."""

    plan: PlanName | None = None
    unlimited: bool | None = None
    banned: bool | None = None


class CreateGrant(AdminSchema):
    """Credits to be added to an account."""

    credits: int = Field(ge=1, le=1_000_000_000_000)


class AdminAccount(AdminSchema):
    """An account and its credits."""

    id: str
    name: str
    plan: PlanName
    banned: bool = Field(description="Keys and tokens of a banned account do not work.")
    unlimited: bool
    balance: int | None = Field(description="What is left; null where credits are unlimited.")
    held: int = Field(description="Reserved for jobs that have not ended.")
    spent: int
    created_at: int = Field(description="Unix seconds, as all times here.")


class LedgerEntry(AdminSchema):
    """A line of the ledger; `credits` is what it added to the balance."""

    id: str
    kind: Literal["grant", "hold", "settle", "refund"]
    credits: int
    task_id: str | None
    created_at: int


class AdminGrant(LedgerEntry):
    """A grant, and its account as it is now."""

    account: AdminAccount


class KeyLimitFields(AdminSchema):
    """What a key may do at most; null and empty mean without limit."""

    spend_hour: int | None = _Spend
    spend_day: int | None = _Spend
    spend_total: int | None = _Spend
    per_minute: int | None = _Count
    at_once: int | None = _Count
    models: list[str] = Field(default_factory=list, max_length=100)
    networks: list[str] = Field(
        default_factory=list, max_length=100, description="Addresses and networks, IPv4 or IPv6."
    )


class CreateKey(KeyLimitFields):
    """A key to be made."""

    account: str = Field(examples=["acme"])
    name: str = Field(min_length=1, max_length=80, examples=["ci"])
    scopes: list[ScopeName] | None = Field(
        default=None, min_length=1, description="All but `admin` and `test` unless given."
    )
    expires_at: int | None = Field(default=None, ge=0)


class ChangeKey(KeyLimitFields):
    """What shall be another of a key; null lifts a limit, what is absent stays."""

    name: str | None = Field(default=None, min_length=1, max_length=80)
    scopes: list[ScopeName] | None = Field(default=None, min_length=1)
    expires_at: int | None = Field(default=None, ge=0)
    disabled: bool | None = None


class AdminKey(KeyLimitFields):
    """A key, without its secret."""

    id: str
    account: str
    name: str
    hint: str = Field(description="The beginning and the end of the secret, to tell keys apart.")
    scopes: list[ScopeName]
    created_at: int
    expires_at: int | None
    disabled_at: int | None
    revoked_at: int | None
    spent: int = Field(description="What all its jobs hold or cost.")


class NewAdminKey(AdminKey):
    """A key just made; its secret is shown this once."""

    secret: str = Field(examples=["sk-…"])


class AccountPage(AdminSchema):
    """A page of accounts, oldest first."""

    data: list[AdminAccount]
    has_more: bool
    next_cursor: str | None


class LedgerPage(AdminSchema):
    """A page of a ledger, newest first."""

    data: list[LedgerEntry]
    has_more: bool
    next_cursor: str | None


class KeyPage(AdminSchema):
    """A page of keys, oldest first; revoked ones are among them."""

    data: list[AdminKey]
    has_more: bool
    next_cursor: str | None
