"""How this dialect spells jobs and what they rendered, and how it reads them again."""

from __future__ import annotations

from uuid import UUID

from hinode.core.drafts.types import Place
from hinode.core.errors import ErrorCode, HinodeError
from hinode.kit.ids import spell, spell_short, unspell_short


def task_id(job_id: UUID) -> str:
    """Spell a job."""
    return spell_short("task_", job_id)


def generation_id(place: Place) -> str:
    """Spell an output of a job."""
    return spell_short("gen_", place.job_id, place.output)


def user_id(account_id: UUID) -> str:
    """Spell an account."""
    return spell("user-", account_id)


def read_task_id(text: str) -> UUID | None:
    """Read a task's id; None when it is none."""
    found = unspell_short("task_", text)
    return found[0] if found else None


def read_generation_id(text: str) -> Place | None:
    """Read a generation's id; None when it is none."""
    found = unspell_short("gen_", text)
    return Place(*found) if found else None


def require_generation_id(text: str) -> Place:
    """Read a generation's id. Raises :class:`HinodeError`, as for one that nobody has."""
    found = read_generation_id(text)
    if found is None:
        raise HinodeError(
            ErrorCode.JOB_NOT_FOUND,
            "There is no such draft in this account.",
            param="generation_id",
        )
    return found
