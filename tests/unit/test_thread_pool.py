"""Work that an event loop hands to threads comes back to whoever waits for it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from functools import partial

import pytest

from hinode.kit.thread_pool import ThreadPool

name: ContextVar[str] = ContextVar("name", default="nobody")


@pytest.fixture
def thread_pool() -> Iterator[ThreadPool]:
    thread_pool = ThreadPool(2, "pool")
    yield thread_pool
    thread_pool.shutdown()


def test_each_caller_gets_its_own_result(thread_pool: ThreadPool) -> None:
    async def main() -> list[int]:
        return await asyncio.gather(*(thread_pool.run(partial(pow, n, 2)) for n in range(500)))

    assert asyncio.run(main()) == [n * n for n in range(500)]


def test_work_runs_in_another_thread_and_in_the_callers_context(thread_pool: ThreadPool) -> None:
    async def main() -> tuple[str, str]:
        name.set("fox")
        return await thread_pool.run(lambda: (name.get(), threading.current_thread().name))

    context, thread = asyncio.run(main())
    assert context == "fox"
    assert thread.startswith("pool_")


def test_what_work_raises_is_raised_to_its_caller_and_the_thread_goes_on(
    thread_pool: ThreadPool,
) -> None:
    def fail() -> None:
        raise LookupError("no fox")

    async def main() -> None:
        for _ in range(5):
            with pytest.raises(LookupError, match="no fox"):
                await thread_pool.run(fail)
        assert await thread_pool.run(lambda: 1) == 1

    asyncio.run(main())


def test_a_caller_that_goes_away_takes_nothing_with_it(thread_pool: ThreadPool) -> None:
    started, finish, done = threading.Event(), threading.Event(), []

    def slow() -> None:
        started.set()
        finish.wait(10)
        done.append("slow")

    async def main() -> int:
        calls = [asyncio.create_task(thread_pool.run(slow)) for _ in range(2)]
        waiting = asyncio.create_task(thread_pool.run(lambda: done.append("never begun")))
        await asyncio.to_thread(started.wait, 10)
        for call in (*calls, waiting):
            call.cancel()
        await asyncio.gather(*calls, waiting, return_exceptions=True)
        finish.set()
        return await thread_pool.run(lambda: 7)

    assert asyncio.run(main()) == 7
    thread_pool.shutdown()
    assert set(done) == {"slow"}


def test_a_pool_serves_one_loop_after_another(thread_pool: ThreadPool) -> None:
    async def main() -> int:
        return await thread_pool.run(lambda: 1)

    assert [asyncio.run(main()) for _ in range(3)] == [1, 1, 1]


def test_a_pool_that_was_never_used_can_be_shut_down() -> None:
    ThreadPool(3, "idle").shutdown()


def test_spares_work_while_all_others_are_stuck() -> None:
    pool = ThreadPool(1, "pool", spares=2)
    started, finish = threading.Event(), threading.Event()

    def wait() -> bool:
        started.set()
        return finish.wait(60)

    async def main() -> list[str]:
        stuck = asyncio.create_task(pool.run(wait))
        assert await asyncio.to_thread(started.wait, 60)
        names = []
        for _ in range(3):  # one after the other: a spare goes on for a while
            names.append(await pool.run(lambda: threading.current_thread().name))
        finish.set()
        assert await stuck
        return names

    found = asyncio.run(main())
    pool.shutdown()
    assert set(found) <= {"pool_1", "pool_2"}


def test_a_pool_ends_with_its_spares() -> None:
    pool = ThreadPool(1, "pool", spares=2)

    async def main() -> int:
        return await pool.run(threading.active_count)

    before = threading.active_count()
    assert asyncio.run(main()) == before + 3
    pool.shutdown()
    assert threading.active_count() == before
