"""This release and the next one work side by side on one database, until one is left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from hinode.db.database import Database
from hinode.db.schema import current_revision, schema_support
from tests.support import patient
from tests.support.hinode_process import HinodeProcess, WorkerProcess, hinode, running
from tests.support.next_release import COMMAND, REVISION, write_migrations
from tests.support.persistent import (
    SMALL,
    SMALL_MODELS,
    PersistentClient,
    check_money,
    until,
    wait_for_all,
)

pytestmark = pytest.mark.full

PATIENCE_SECONDS = 180.0
JOBS = 6


def test_two_releases_work_side_by_side(database_url: str, tmp_path: Path) -> None:
    settings = {
        "HINODE_DATABASE": database_url,
        "HINODE_MODELS": SMALL_MODELS,
        "HINODE_WORKERS": "false",
    }
    of_next = {**settings, **write_migrations(tmp_path / "migrations"), "HINODE_WORKERS": "true"}
    data = tmp_path / "data"
    old, new = HinodeProcess(data, settings), HinodeProcess(data, of_next, COMMAND)
    old_worker = WorkerProcess(data, settings)
    db = Database(database_url)

    with running(old, old_worker):
        clients = [
            PersistentClient(one.address, old.key, PATIENCE_SECONDS, SMALL) for one in (old, new)
        ]
        created = [clients[0].create(number) for number in range(JOBS // 2)]
        until(lambda: bool(old_worker.children()), 120)
        with running(new):
            # The old release renders while the tables change under it.
            assert current_revision(db) == REVISION
            created += [clients[n % 2].create(n) for n in range(JOBS // 2, JOBS)]
            videos = wait_for_all(clients[0])
            old_worker.stop()
            old_worker.start()

            assert {video["id"] for video in videos} == set(created)
            assert {video["status"] for video in videos} == {"completed"}
            assert clients[1].all() == videos
            check_money(database_url, JOBS)

            with db.write() as conn:
                conn.execute(schema_support.update().values(oldest_served=REVISION))
            ready = [patient.get(f"{one.address}/readyz", timeout=30.0) for one in (old, new)]
            assert [one.status_code for one in ready] == [503, 200]
            late = hinode("worker", "--data", str(data), "--database", database_url)
            assert late.returncode == 1
            assert "Upgrade this host." in late.stderr.splitlines()[-1]
        for client in clients:
            client.close()
    db.dispose()
