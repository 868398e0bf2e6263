"""Headers that the operator adds to the callbacks of an account; their values are encrypted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.webhooks.tables import callback_headers
from hinode.kit.clock import Clock
from hinode.kit.secret_box import SecretBox

MAX_HEADERS = 10
MAX_VALUE_LENGTH = 2_000
_NAME = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]{1,64}")
_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_RESERVED = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection",
     "te", "trailer", "transfer-encoding", "upgrade", "host", "content-length", "content-type",
     "content-encoding", "accept-encoding", "expect", "user-agent"}
)  # fmt: skip
_RESERVED_PREFIX = "webhook-"
_OWN = callback_headers.select().where(callback_headers.c.account_id == sa.bindparam("account"))


@dataclass(frozen=True, slots=True)
class CallbackHeader:
    """A header of an account's callbacks, without its value, which is not shown again."""

    name: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class CallbackHeaders:
    """The headers of all accounts; every method runs in the caller's transaction."""

    secret_box: SecretBox
    clock: Clock

    def of_account(self, conn: sa.Connection, account_id: UUID) -> list[CallbackHeader]:
        """Return an account's headers by name."""
        rows = conn.execute(_OWN.order_by(callback_headers.c.name), {"account": account_id})
        return [CallbackHeader(row.name, row.updated_at) for row in rows]

    def encrypted(self, conn: sa.Connection, account_id: UUID) -> dict[str, str]:
        """Return the encrypted values of an account's headers by name."""
        return {row.name: row.value for row in conn.execute(_OWN, {"account": account_id})}

    def set(self, conn: sa.Connection, account_id: UUID, name: str, value: str) -> CallbackHeader:
        """Set a header; names are kept in lower case.

        Raises :class:`HinodeError` for a name or value that is not allowed, and above 10 headers.
        """
        key, now = check_name(name), self.clock.now()
        check_value(value)
        others = sum(one.name != key for one in self.of_account(conn, account_id))
        if others >= MAX_HEADERS:
            raise HinodeError(
                ErrorCode.INVALID_VALUE,
                f"An account has at most {MAX_HEADERS} callback headers.",
                param="name",
                hint="Remove one that is not needed any more.",
            )
        changed = {"value": self.secret_box.encrypt(value), "updated_at": now}
        dialect = sqlite if conn.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(callback_headers).values(
            account_id=account_id, name=key, **changed
        )
        conn.execute(
            statement.on_conflict_do_update(index_elements=["account_id", "name"], set_=changed)
        )
        return CallbackHeader(key, now)

    def remove(self, conn: sa.Connection, account_id: UUID, name: str) -> None:
        """Remove a header. Raises :class:`HinodeError` when the account has none of this name."""
        own = callback_headers.c.account_id == account_id
        gone = callback_headers.delete().where(own, callback_headers.c.name == name.lower())
        if not conn.execute(gone).rowcount:
            raise HinodeError(
                ErrorCode.WEBHOOK_NOT_FOUND,
                "This account has no callback header of this name.",
                param="name",
            )


def check_name(name: str) -> str:
    """Return a header's name in lower case. Raises :class:`HinodeError`."""
    key = name.lower()
    if not _NAME.fullmatch(key):
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            "A header's name has 1 to 64 letters, digits and dashes.",
            param="name",
        )
    if key in _RESERVED or key.startswith(_RESERVED_PREFIX):
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"'{key}' is set by the server itself.",
            param="name",
            hint="Use another name, such as authorization or x-api-key.",
        )
    return key


def check_value(value: str) -> None:
    """Raise :class:`HinodeError` for a header's value that is not allowed."""
    if len(value) > MAX_VALUE_LENGTH or not _VALUE.fullmatch(value):
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"A header's value has 1 to {MAX_VALUE_LENGTH} printable ASCII characters, none of "
            "them a blank at either end.",
            param="value",
        )
