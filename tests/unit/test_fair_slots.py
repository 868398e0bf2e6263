"""Slots are given round robin between keys, never all to one, and given back whatever happens."""

from __future__ import annotations

import asyncio

import pytest

from hinode.kit.fair_slots import FairSlots, TooManyWaiting


class Work:
    """Pieces of work that hold a slot until they are told to end."""

    def __init__(self, slots: FairSlots) -> None:
        self.slots = slots
        self.started: list[str] = []
        self.ends: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def start(self, name: str) -> None:
        """Ask for a slot; the first letter of the name is the key."""
        self.ends[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._run(name))
        await asyncio.sleep(0)

    async def end(self, name: str) -> None:
        self.ends[name].set()
        await self.tasks[name]
        await asyncio.sleep(0)

    async def _run(self, name: str) -> None:
        async with self.slots.slot(name[0]):
            self.started.append(name)
            await self.ends[name].wait()


def made(slots: int = 2, *, waiting_per_key: int = 8, waiting: int = 99) -> Work:
    return Work(FairSlots(slots, waiting_per_key=waiting_per_key, waiting=waiting))


def test_a_key_never_has_all_slots() -> None:
    async def run() -> None:
        work = made()
        for name in ("a1", "a2", "a3"):
            await work.start(name)
        assert work.started == ["a1"]
        await work.start("b1")
        assert work.started == ["a1", "b1"]
        for name in ("a1", "a2", "a3", "b1"):
            await work.end(name)
        assert work.started == ["a1", "b1", "a2", "a3"]

    asyncio.run(run())


def test_one_slot_goes_round_between_the_keys() -> None:
    async def run() -> None:
        work = made(1)
        for name in ("a1", "a2", "a3", "b1", "b2", "c1"):
            await work.start(name)
        for name in ("a1", "a2", "b1", "c1", "a3", "b2"):
            await work.end(name)
        assert work.started == ["a1", "a2", "b1", "c1", "a3", "b2"]

    asyncio.run(run())


def test_only_so_many_may_wait() -> None:
    async def run() -> None:
        work = made(1, waiting_per_key=2, waiting=3)
        for name in ("a1", "a2", "a3"):
            await work.start(name)
        with pytest.raises(TooManyWaiting) as full:
            async with work.slots.slot("a"):
                pass
        assert full.value.of_key
        await work.start("b1")
        with pytest.raises(TooManyWaiting) as full:
            async with work.slots.slot("c"):
                pass
        assert not full.value.of_key
        await work.end("a1")
        await work.start("c1")
        for name in ("a2", "b1", "a3", "c1"):
            await work.end(name)
        assert work.started == ["a1", "a2", "b1", "a3", "c1"]

    asyncio.run(run())


@pytest.mark.parametrize("waits", [True, False], ids=["waiting", "holding"])
def test_whoever_gives_up_takes_no_slot_along(waits: bool) -> None:
    async def run() -> None:
        work = made(1)
        await work.start("a1")
        await work.start("b1")
        gone = work.tasks["b1" if waits else "a1"]
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        await work.start("c1")
        await work.end("a1" if waits else "b1")
        await work.end("c1")
        assert work.started == (["a1", "c1"] if waits else ["a1", "b1", "c1"])

    asyncio.run(run())


def test_a_slot_given_to_one_that_gives_up_at_that_moment_is_given_on() -> None:
    async def run() -> None:
        work = made(1)
        async with work.slots.slot("a"):
            for name in ("b1", "c1"):
                await work.start(name)
        # The turn of the first has come, and it has not noticed yet.
        work.tasks["b1"].cancel()
        await asyncio.gather(work.tasks["b1"], return_exceptions=True)
        await asyncio.sleep(0)
        assert work.started == ["c1"]
        await work.end("c1")

    asyncio.run(run())
