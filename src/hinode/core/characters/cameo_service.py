"""The life of a cameo inside one transaction: from a clip to a picture, or to a reason."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import sqlalchemy as sa

from hinode.core.characters import cameo_repository as cameos
from hinode.core.characters.types import Cameo, CameoState, Range
from hinode.core.errors import ErrorCode, HinodeError

MOST_SECONDS = 15.0
"""Longest part of a clip that a character is made from."""

MOST_PROCESSING = 5
"""Cameos of one account that are processed or wait for it; each holds a clip in the store."""

MOST_STARTS = 5
"""How often a cameo is begun with: a clip that takes its workers down with it would go on so."""

_GONE = "The clip could not be processed; try another one."


class CameoQueue(Protocol):
    """Whoever processes cameos; told inside the transaction that makes one."""

    def enqueue(self, conn: sa.Connection, cameo_id: UUID) -> None:
        """Have a cameo processed, on the same connection."""
        ...


def check_range(chosen: Range) -> None:
    """Raise :class:`HinodeError` for a part of a clip that no clip can have."""
    if not all(map(math.isfinite, (chosen.begin, chosen.end))) or chosen.begin < 0:
        raise HinodeError(
            ErrorCode.INVALID_VALUE, "'timestamps' are seconds from 0 on.", param="timestamps"
        )
    if not chosen.begin < chosen.end <= chosen.begin + MOST_SECONDS:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"'timestamps' are a start and an end, at most {MOST_SECONDS:g} seconds later.",
            param="timestamps",
            hint="Use 0,3 for the first three seconds.",
        )


@dataclass(frozen=True, slots=True)
class CameoService:
    """The verbs of cameos; each runs in the transaction of the connection it is given."""

    queue: CameoQueue

    def open(self, conn: sa.Connection, cameo: Cameo) -> None:
        """Write a cameo and have it processed. Raises :class:`HinodeError` for one too many."""
        waiting = cameos.count_processing(conn, cameo.account_id)
        if waiting >= MOST_PROCESSING:
            raise HinodeError(
                ErrorCode.TOO_MANY_JOBS,
                f"{waiting} clips of this account are being made into characters already.",
                hint="Wait until one of them is done.",
                details={"num_tasks": waiting},
            )
        cameos.insert(conn, cameo)
        self.queue.enqueue(conn, cameo.id)

    def begin(self, conn: sa.Connection, cameo_id: UUID) -> Cameo | None:
        """Begin with a cameo, or go on; None when there is nothing to do."""
        if not cameos.count_start(conn, cameo_id):
            return None
        cameo = cameos.find(conn, cameo_id)
        if cameo is not None and cameo.starts > MOST_STARTS:
            cameos.end(conn, cameo_id, CameoState.FAILED, reason=_GONE)
            return None
        return cameo


def get(conn: sa.Connection, account_id: UUID, cameo_id: UUID) -> Cameo:
    """Return a cameo of an account. Raises :class:`HinodeError` when it has none such."""
    cameo = cameos.find_own(conn, account_id, cameo_id)
    if cameo is None:
        raise HinodeError(
            ErrorCode.CHARACTER_NOT_FOUND,
            "There is no such cameo in this account.",
            param="cameo_id",
        )
    return cameo


def portrait_of(cameo: Cameo) -> str:
    """Return the storage key of a processed cameo's picture.

    Raises :class:`HinodeError` for one that has none (yet).
    """
    if cameo.portrait_key is not None:
        return cameo.portrait_key
    if cameo.state is CameoState.FAILED:
        raise HinodeError(
            ErrorCode.INVALID_CLIP, f"This clip became no cameo: {cameo.reason}", param="cameo_id"
        )
    raise HinodeError(
        ErrorCode.NOT_READY,
        "This cameo is still being processed.",
        param="cameo_id",
        hint="Ask for it until its status_message is Completed.",
    )
