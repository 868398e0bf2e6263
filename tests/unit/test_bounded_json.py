"""JSON is read as deeply as any code can follow it, and no deeper."""

from __future__ import annotations

import pytest

from hinode.kit.bounded_json import MAX_DEPTH, NestedTooDeeply, load_json


@pytest.mark.parametrize(("opened", "closed"), [("[", "]"), ('{"a":', "}")])
def test_the_bound_is_exact(opened: str, closed: str) -> None:
    def text(depth: int) -> str:
        return opened * depth + "1" + closed * depth

    load_json(text(MAX_DEPTH))
    for depth in (MAX_DEPTH + 1, 100_000):
        with pytest.raises(NestedTooDeeply):
            load_json(text(depth))


def test_what_is_no_json_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="Expecting value"):
        load_json("[")
