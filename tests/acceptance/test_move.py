"""A place moves from SQLite and a folder to PostgreSQL and a bucket, with work in its queue."""

from __future__ import annotations

from pathlib import Path

import pytest

from hinode.media.probe import probe
from tests.support.bucket import local_bucket
from tests.support.databases import postgres_server
from tests.support.hinode_process import HinodeProcess, hinode
from tests.support.persistent import PersistentClient, check_money, until, wait_for_all

pytestmark = pytest.mark.full

JOBS, PATIENCE_SECONDS = 4, 300.0
FRAMES = 120


def test_jobs_files_and_keys_are_there_after_a_move(tmp_path: Path) -> None:
    server = HinodeProcess(tmp_path / "data", {"HINODE_ENGINES__PREVIEW__CONCURRENCY": "1"})
    server.start()
    client = PersistentClient(server.address, server.key, PATIENCE_SECONDS)
    created = [client.create(number) for number in range(JOBS)]
    until(lambda: any(one["status"] == "completed" for one in client.all()), 120)
    server.kill()

    with local_bucket() as bucket, postgres_server() as postgres, postgres.fresh() as url:
        where = {
            **bucket.environment,
            "HINODE_DATABASE": url,
            "HINODE_STORAGE": "s3://films/hinode",
        }
        with pytest.MonkeyPatch.context() as patch:
            for name, value in bucket.environment.items():
                patch.setenv(name, value)
            _when_stopped("files", where["HINODE_STORAGE"], server.data)
            _when_stopped("database", url, server.data)
            again = hinode("move", "database", url, "--data", str(server.data), fresh=True)
        moved = HinodeProcess(server.data, where)
        moved.start()
        others = PersistentClient(moved.address, server.key, PATIENCE_SECONDS)
        videos = wait_for_all(others)

        assert again.returncode == 1
        assert "has accounts already" in again.stderr
        assert {one["id"] for one in videos} == set(created)
        assert [one["status"] for one in videos] == ["completed"] * JOBS
        for video in videos:
            path = tmp_path / "film.mp4"
            path.write_bytes(others.ask("GET", f"/videos/{video['id']}/content").content)
            assert probe(path).frames == FRAMES
        for one in (client, others):
            one.close()
        assert moved.stop() == 0
        check_money(url, JOBS)


def _when_stopped(what: str, target: str, data: Path) -> None:
    """Move as soon as the killed server counts as gone."""

    def moved() -> bool:
        done = hinode("move", what, target, "--data", str(data), fresh=True)
        assert done.returncode == 0 or "A worker is alive" in done.stderr, done.stderr
        return done.returncode == 0

    until(moved, 120)
