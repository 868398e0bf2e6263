"""Copies are made only for changes."""

from __future__ import annotations

from dataclasses import dataclass

from hinode.kit.frozen import with_changes


@dataclass(frozen=True)
class Pair:
    one: object
    other: int = 2


def test_without_a_change_the_value_itself_is_returned() -> None:
    thing = object()
    pair = Pair(thing)

    assert with_changes(pair, one=thing, other=2) is pair
    assert with_changes(pair) is pair


def test_a_change_makes_a_copy() -> None:
    pair = Pair("a")

    assert with_changes(pair, other=3) == Pair("a", 3)
    assert pair == Pair("a", 2)
