"""The append-only log of what operators did over the admin API and by commands.

An act is announced before it is done. The first transaction of the act writes it down, whatever
service it belongs to: what is committed is in the log, and what fails is not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts import service as accounts
from hinode.core.accounts.tables import accounts as account_table
from hinode.core.audit.tables import audit_log
from hinode.core.auth import request_context
from hinode.core.auth.types import Caller
from hinode.core.list_walk import Conditions, page_of
from hinode.core.pagination import Page, PageQuery
from hinode.db.database import after_commit
from hinode.kit.clock import Clock
from hinode.kit.ids import new_id
from hinode.kit.redaction import redact

if TYPE_CHECKING:
    from hinode.db.database import Database

_HIDDEN = "***"
_SECRET_NAMES = ("token", "password", "secret", "value", "cookie", "authorization")
_LONGEST_SUBJECT, _LONGEST_DETAILS = 300, 4_000


@dataclass(slots=True)
class Act:
    """An act that an operator has asked for; ``is_written`` once it is committed to the log.

    ``caller`` is None for a command on a server's machine.
    """

    caller: Caller | None
    action: str
    subject: str
    details: Mapping[str, Any]
    is_written: bool = False

    def mark_written(self) -> None:
        """Note that the act is in the log."""
        self.is_written = True


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An entry of the log; ``actor`` is the name of the operator's account, None: it has gone.

    With ``by_command`` no account did it, but somebody on a server's machine.
    """

    id: UUID
    at: datetime
    actor: str | None
    key_id: UUID | None
    address: str | None
    action: str
    subject: str
    details: dict[str, Any]
    by_command: bool


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """The entries to find; None matches all. ``text`` is a part of the action or the subject."""

    actor: str | None = None
    text: str | None = None


_announced: ContextVar[Act | None] = ContextVar("announced_act", default=None)


def announce(act: Act) -> None:
    """Have the next transaction of this request write down an act."""
    _announced.set(act)


@dataclass(frozen=True, slots=True)
class AuditLog:
    """Writes and reads the log."""

    db: Database
    clock: Clock

    def write_announced(self, conn: sa.Connection) -> None:
        """Write the announced act in the transaction that does it, once."""
        act = _announced.get()
        if act is None or act.is_written:
            return
        visit = request_context.present.get()
        address = visit.address if visit else None
        conn.execute(
            audit_log.insert().values(
                id=new_id(),
                at=self.clock.now(),
                account_id=act.caller.account_id if act.caller else None,
                key_id=act.caller.key_id if act.caller else None,
                address=str(address) if address else None,
                action=act.action,
                subject=redact(act.subject)[:_LONGEST_SUBJECT],
                details=_dump(act.details),
            )
        )
        after_commit(conn, act.mark_written)

    def record(self) -> None:
        """Write the announced act now: one that may change nothing here, but is done elsewhere."""
        with self.db.write():
            pass  # Every transaction writes it before its commit.

    def page(self, chosen: AuditFilter, wanted: PageQuery) -> Page[AuditEntry]:
        """Return a page of the log, newest first; with a filter it can be short before the last.

        Raises :class:`HinodeError`.
        """
        with self.db.read() as conn:
            found = page_of(
                conn, partial(_ids, wanted.after), wanted.limit, _matching(conn, chosen)
            )
            query = _ENTRIES.where(audit_log.c.id.in_(found.ids)).order_by(audit_log.c.id.desc())
            return Page.ending_at([_entry(row) for row in conn.execute(query)], found.next_after)


_ENTRIES = sa.select(audit_log, account_table.c.name.label("actor")).join(
    account_table, account_table.c.id == audit_log.c.account_id, isouter=True
)


def _ids(
    after: UUID | None, limit: int, matching: Conditions, oldest: UUID | None
) -> sa.Select[UUID]:
    query = sa.select(audit_log.c.id).where(*matching)
    if after is not None:
        query = query.where(audit_log.c.id < after)
    if oldest is not None:
        query = query.where(audit_log.c.id >= oldest)
    return query.order_by(audit_log.c.id.desc()).limit(limit)


def _matching(conn: sa.Connection, chosen: AuditFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if chosen.actor is not None:
        found.append(audit_log.c.account_id == accounts.get(conn, chosen.actor).id)
    if chosen.text:
        found.append(
            audit_log.c.action.contains(chosen.text, autoescape=True)
            | audit_log.c.subject.contains(chosen.text, autoescape=True)
        )
    return found


def _dump(details: Mapping[str, Any]) -> str:
    shown = _shown(details)
    text = json.dumps(shown, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_DETAILS else json.dumps({"fields": sorted(shown)})


def _shown(value: Any) -> Any:
    """Return details without secrets, and without the values of secret names, at any depth."""
    if isinstance(value, Mapping):
        return {
            name: _HIDDEN if _is_secret(str(name)) else _shown(one) for name, one in value.items()
        }
    if isinstance(value, list | tuple):
        return [_shown(one) for one in value]
    return redact(value) if isinstance(value, str) else value


def _is_secret(name: str) -> bool:
    return any(word in name for word in _SECRET_NAMES)


def _entry(row: Any) -> AuditEntry:
    return AuditEntry(
        row.id, row.at, row.actor, row.key_id, row.address, row.action, row.subject,
        json.loads(row.details), row.account_id is None,
    )  # fmt: skip
