"""Statements on cameos; the end of processing is a compare-and-set on the state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hinode.core.characters.tables import cameos
from hinode.core.characters.types import Cameo, CameoState, CharacterHints, Range

_IS_PROCESSING = cameos.c.state == CameoState.PROCESSING.value


def insert(conn: sa.Connection, cameo: Cameo) -> None:
    """Insert a cameo."""
    conn.execute(
        cameos.insert().values(
            id=cameo.id,
            account_id=cameo.account_id,
            state=cameo.state.value,
            clip_key=cameo.clip_key,
            begin_second=cameo.range.begin,
            end_second=cameo.range.end,
            attempts=cameo.attempts,
            image_key=cameo.image_key,
            reason=cameo.reason,
            display_name_hint=cameo.hints.display_name,
            username_hint=cameo.hints.username,
            instruction_hint=cameo.hints.instructions,
            created_at=cameo.created_at,
            consent=cameo.consent,
        )
    )


def find(conn: sa.Connection, cameo_id: UUID) -> Cameo | None:
    """Find a cameo of any account; None when there is none."""
    row = conn.execute(cameos.select().where(cameos.c.id == cameo_id)).one_or_none()
    return _cameo(row) if row else None


def find_own(conn: sa.Connection, account_id: UUID, cameo_id: UUID) -> Cameo | None:
    """Find a cameo of this account; None when there is none."""
    query = cameos.select().where(cameos.c.id == cameo_id, cameos.c.account_id == account_id)
    row = conn.execute(query).one_or_none()
    return _cameo(row) if row else None


def count_processing(conn: sa.Connection, account_id: UUID) -> int:
    """Count an account's cameos whose processing is queued or running."""
    query = sa.select(sa.func.count()).where(cameos.c.account_id == account_id, _IS_PROCESSING)
    return conn.scalar(query) or 0


def begin_attempt(conn: sa.Connection, cameo_id: UUID) -> bool:
    """Count an attempt to process a cameo; return False when its processing has ended."""
    query = cameos.update().where(cameos.c.id == cameo_id, _IS_PROCESSING)
    return conn.execute(query.values(attempts=cameos.c.attempts + 1)).rowcount == 1


def uncount_attempt(conn: sa.Connection, cameo_id: UUID) -> None:
    """Subtract an attempt that failed through the host."""
    query = cameos.update().where(cameos.c.id == cameo_id, _IS_PROCESSING)
    conn.execute(query.values(attempts=cameos.c.attempts - 1))


def end(
    conn: sa.Connection,
    cameo_id: UUID,
    state: CameoState,
    *,
    image_key: str | None = None,
    reason: str | None = None,
) -> bool:
    """End the processing of a cameo; return False when it had ended before."""
    query = cameos.update().where(cameos.c.id == cameo_id, _IS_PROCESSING)
    values = {"state": state.value, "image_key": image_key, "reason": reason}
    return conn.execute(query.values(clip_key=None, **values)).rowcount == 1


def purge(conn: sa.Connection, before: datetime) -> list[str]:
    """Delete the cameos created before a time; return their storage keys."""
    columns = (cameos.c.clip_key, cameos.c.image_key)
    gone = conn.execute(cameos.delete().where(cameos.c.created_at < before).returning(*columns))
    return [key for row in gone for key in row if key is not None]


def known_keys(conn: sa.Connection, keys: Sequence[str]) -> set[str]:
    """Return the keys among ``keys`` that belong to a cameo."""
    columns = (cameos.c.clip_key, cameos.c.image_key)
    found = (conn.scalars(sa.select(one).where(one.in_(keys))) for one in columns)
    return {key for keys_found in found for key in keys_found}


def _cameo(row: Any) -> Cameo:
    return Cameo(
        id=row.id,
        account_id=row.account_id,
        state=CameoState(row.state),
        clip_key=row.clip_key,
        range=Range(row.begin_second, row.end_second),
        attempts=row.attempts,
        image_key=row.image_key,
        reason=row.reason,
        hints=CharacterHints(row.display_name_hint, row.username_hint, row.instruction_hint),
        created_at=row.created_at,
        consent=row.consent,
    )
