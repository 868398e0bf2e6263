"""Compiled statements do what SQLAlchemy's own execution does, only faster."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa

from hinode import Services
from hinode.core.auth.types import Caller
from hinode.core.catalog.service import GenerationParams
from hinode.core.credits.tables import ledger
from hinode.core.jobs.requests import VideoRequest
from hinode.core.jobs.tables import jobs
from hinode.db.compiled_statement import CompiledStatement
from hinode.kit.ids import new_id

_INSERT = CompiledStatement(ledger.insert())
_RENAME = CompiledStatement(
    jobs.update().where(jobs.c.id == sa.bindparam("job"), jobs.c.seed >= 0).values(model="other")
)


def _entry(account_id: UUID, job_id: UUID | None) -> dict[str, object]:
    return {
        "id": new_id(),
        "account_id": account_id,
        "kind": "hold",
        "amount": -7,
        "job_id": job_id,
        "engine": None,
        "upstream": None,
        "charged": None,
        "created_at": datetime(2026, 11, 1, 12, 30, 0, 250_000, tzinfo=UTC),
    }


def test_rows_have_the_same_values_and_names(services: Services, caller: Caller) -> None:
    services.core.jobs.create_video(caller, VideoRequest("A fox", GenerationParams()))
    query = jobs.select().where(jobs.c.model == "sora-2", jobs.c.account_id == sa.bindparam("one"))
    with services.db.read() as conn:
        plain = conn.execute(query, {"one": caller.account_id}).one()
        row = CompiledStatement(query).first(conn, one=caller.account_id)
    assert row is not None
    assert row._asdict() == plain._asdict()
    assert isinstance(row.id, UUID)
    assert isinstance(row.watermark, bool)
    assert row.created_at == services.clock.now()


def test_a_row_that_is_not_there_is_none(services: Services) -> None:
    query = CompiledStatement(jobs.select().where(jobs.c.id == sa.bindparam("job")))
    with services.db.read() as conn:
        assert query.first(conn, job=new_id()) is None


def test_writes_belong_to_the_transaction(services: Services, caller: Caller) -> None:
    entry = _entry(caller.account_id, None)

    def write_and_fail() -> None:
        with services.db.write() as conn:
            assert _INSERT.run(conn, **entry) == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    with services.db.read() as conn:
        assert conn.scalar(sa.select(sa.func.count()).select_from(ledger)) == 0


def test_an_update_tells_how_many_rows_it_changed(services: Services, caller: Caller) -> None:
    job = services.core.jobs.create_video(caller, VideoRequest("A fox", GenerationParams()))
    with services.db.write() as conn:
        assert _RENAME.run(conn, job=job.id) == 1
        assert _RENAME.run(conn, job=new_id()) == 0
    assert services.core.jobs.job(caller, job.id).job.model == "other"


def test_errors_are_those_of_sqlalchemy_and_show_no_values(
    services: Services, caller: Caller
) -> None:
    job = services.core.jobs.create_video(caller, VideoRequest("A fox", GenerationParams()))
    with pytest.raises(sa.exc.IntegrityError) as raised, services.db.write() as conn:
        _INSERT.run(conn, **_entry(caller.account_id, job.id))
    assert caller.account_id.hex not in str(raised.value)
