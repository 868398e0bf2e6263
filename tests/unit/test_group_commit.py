"""Group commit: writers that wait share a commit, and each is still all or nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from hinode.db.database import Database
from hinode.db.group_commit import GroupCommit

WAIT = 10.0


class Bench:
    """A small database, a writer that can be held back, and others that queue behind it."""

    def __init__(self, path: Path) -> None:
        self.db = Database(f"sqlite:///{path}")
        with self.db.write() as conn:
            conn.exec_driver_sql("CREATE TABLE parent (n INTEGER PRIMARY KEY)")
            conn.exec_driver_sql(
                "CREATE TABLE rows (n INTEGER PRIMARY KEY, "
                "of INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)"
            )
        self.group = GroupCommit(self.db.engine)
        self.pool = ThreadPoolExecutor(8)
        self.commits = 0
        event.listen(self.db.engine, "commit", self._count)

    def _count(self, _conn: sa.Connection) -> None:
        self.commits += 1

    def write(self, number: int, *, of: int | None = None, fails: bool = False) -> list[int]:
        """Insert a number; return what is on disk right after."""
        try:
            with self.group.write() as conn:
                conn.exec_driver_sql("INSERT INTO rows VALUES (?, ?)", (number, of))
                if fails:
                    raise ZeroDivisionError
        except ZeroDivisionError:
            pass
        return self.rows()

    def rows(self) -> list[int]:
        with self.db.read() as conn:
            return list(conn.scalars(sa.text("SELECT n FROM rows ORDER BY n")))

    def behind_a_held_one(
        self, others: list[Callable[[], list[int]]]
    ) -> tuple[Future[list[int]], list[Future[list[int]]]]:
        """Start a writer, queue the others behind it, and let it go; its number is 0."""
        held, go = threading.Event(), threading.Event()

        def first() -> list[int]:
            with self.group.write() as conn:
                conn.exec_driver_sql("INSERT INTO rows VALUES (0, NULL)")
                held.set()
                assert go.wait(WAIT)
            return self.rows()

        leader = self.pool.submit(first)
        assert held.wait(WAIT)
        waiting = []
        for place, other in enumerate(others, 1):
            waiting.append(self.pool.submit(other))
            deadline = time.monotonic() + WAIT
            while self.group._waiting < place and time.monotonic() < deadline:
                time.sleep(0.001)
        go.set()
        return leader, waiting


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "test.db")
    yield made
    made.pool.shutdown()
    made.db.dispose()


def test_those_who_wait_share_one_commit_and_return_after_it(bench: Bench) -> None:
    leader, others = bench.behind_a_held_one([lambda: bench.write(1), lambda: bench.write(2)])
    for one in (leader, *others):
        assert one.result(WAIT) == [0, 1, 2]
    assert bench.commits == 1


def test_who_comes_alone_commits_alone(bench: Bench) -> None:
    assert bench.write(1) == [1]
    assert bench.write(2) == [1, 2]
    assert bench.commits == 2


def test_one_that_fails_takes_only_its_own_statements_back(bench: Bench) -> None:
    leader, others = bench.behind_a_held_one(
        [lambda: bench.write(1, fails=True), lambda: bench.write(2)]
    )
    assert leader.result(WAIT) == [0, 2]
    # The one that failed returns after the commit too: it may have failed over what it saw.
    assert [one.result(WAIT) for one in others] == [[0, 2], [0, 2]]


def test_the_last_one_failing_commits_for_the_others(bench: Bench) -> None:
    leader, others = bench.behind_a_held_one([lambda: bench.write(1, fails=True)])
    assert leader.result(WAIT) == [0]
    assert others[0].result(WAIT) == [0]


def test_one_that_fails_alone_leaves_nothing_and_the_next_goes_on(bench: Bench) -> None:
    assert bench.write(1, fails=True) == []
    assert bench.write(2) == [2]


def test_a_commit_that_fails_is_told_to_everybody_and_keeps_nothing(bench: Bench) -> None:
    leader, others = bench.behind_a_held_one(
        [lambda: bench.write(1), lambda: bench.write(2, of=99)]
    )
    for one in (leader, *others):
        with pytest.raises(sa.exc.IntegrityError):
            one.result(WAIT)
    assert bench.rows() == []
    assert bench.write(3) == [3]


def test_many_writers_lose_nothing(bench: Bench) -> None:
    futures = [
        bench.pool.submit(bench.write, number, fails=number % 7 == 0) for number in range(200)
    ]
    for number, one in enumerate(futures):
        assert (number in one.result(WAIT)) is (number % 7 != 0)
    assert bench.rows() == [number for number in range(200) if number % 7]
