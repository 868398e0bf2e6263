"""Work that an event loop hands to threads comes back to whoever waits for it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from functools import partial

import pytest

from hinode.kit.crew import Crew

name: ContextVar[str] = ContextVar("name", default="nobody")


@pytest.fixture
def crew() -> Iterator[Crew]:
    crew = Crew(2, "crew")
    yield crew
    crew.dismiss()


def test_each_caller_gets_its_own_result(crew: Crew) -> None:
    async def main() -> list[int]:
        return await asyncio.gather(*(crew.call(partial(pow, n, 2)) for n in range(500)))

    assert asyncio.run(main()) == [n * n for n in range(500)]


def test_work_runs_in_another_thread_and_in_the_callers_context(crew: Crew) -> None:
    async def main() -> tuple[str, str]:
        name.set("fox")
        return await crew.call(lambda: (name.get(), threading.current_thread().name))

    context, thread = asyncio.run(main())
    assert context == "fox"
    assert thread.startswith("crew_")


def test_what_work_raises_is_raised_to_its_caller_and_the_thread_goes_on(crew: Crew) -> None:
    def fail() -> None:
        raise LookupError("no fox")

    async def main() -> None:
        for _ in range(5):
            with pytest.raises(LookupError, match="no fox"):
                await crew.call(fail)
        assert await crew.call(lambda: 1) == 1

    asyncio.run(main())


def test_a_caller_that_goes_away_takes_nothing_with_it(crew: Crew) -> None:
    started, finish, done = threading.Event(), threading.Event(), []

    def slow() -> None:
        started.set()
        finish.wait(10)
        done.append("slow")

    async def main() -> int:
        calls = [asyncio.create_task(crew.call(slow)) for _ in range(2)]
        waiting = asyncio.create_task(crew.call(lambda: done.append("never begun")))
        await asyncio.to_thread(started.wait, 10)
        for call in (*calls, waiting):
            call.cancel()
        await asyncio.gather(*calls, waiting, return_exceptions=True)
        finish.set()
        return await crew.call(lambda: 7)

    assert asyncio.run(main()) == 7
    crew.dismiss()
    assert set(done) == {"slow"}


def test_a_crew_serves_one_loop_after_another(crew: Crew) -> None:
    async def main() -> int:
        return await crew.call(lambda: 1)

    assert [asyncio.run(main()) for _ in range(3)] == [1, 1, 1]


def test_a_crew_that_was_never_called_can_be_dismissed() -> None:
    Crew(3, "idle").dismiss()
