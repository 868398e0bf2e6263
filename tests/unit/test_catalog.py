"""The catalog's rules: what is offered is fitted exactly, the rest refused with what would do."""

from __future__ import annotations

import pytest

from hinode import ErrorCode, MediaKind, StudioError, load_settings
from hinode.foundation import build_catalog
from hinode.studio.catalog.service import Catalog, Wish


@pytest.fixture
def catalog() -> Catalog:
    return build_catalog(load_settings())


def test_nothing_asked_gives_the_documented_defaults(catalog: Catalog) -> None:
    fitted = catalog.fit(Wish(), MediaKind.VIDEO)

    assert fitted.model.id == "sora-2"
    assert (fitted.plan.width, fitted.plan.height) == (720, 1280)
    assert (fitted.plan.frames, fitted.plan.fps, fitted.plan.outputs) == (120, 30, 1)
    assert fitted.price == 100


@pytest.mark.parametrize("seconds", ["8", "8s", "8.0", " 8 "])
def test_lengths_are_read_in_every_spelling(catalog: Catalog, seconds: str) -> None:
    fitted = catalog.fit(Wish(seconds=seconds, size="1280x720", outputs=2), MediaKind.VIDEO)

    assert fitted.plan.frames == 240
    assert fitted.price == 400


@pytest.mark.parametrize(
    ("wish", "param", "hint"),
    [
        (Wish(model="sora-9"), "model", "sora-2-pro"),
        (Wish(size="1024x1792"), "size", "'1280x720'"),
        (Wish(size="big"), "size", "'1280x720'"),
        (Wish(seconds="5"), "seconds", "'12'"),
        (Wish(seconds="-4"), "seconds", "'4'"),
        (Wish(outputs=5), "n", ""),
        (Wish(outputs=0), "n", ""),
        (Wish(seed=-1), "seed", ""),
        (Wish(seed=2**32), "seed", ""),
        (Wish(model="sora_image"), "model", "sora-2"),
    ],
)
def test_what_is_not_offered_is_refused_with_what_is(
    catalog: Catalog, wish: Wish, param: str, hint: str
) -> None:
    with pytest.raises(StudioError) as refused:
        catalog.fit(wish, MediaKind.VIDEO)

    assert refused.value.param == param
    assert hint in refused.value.hint
    if wish.model == "sora-9":
        assert refused.value.code is ErrorCode.MODEL_NOT_FOUND


def test_a_seed_is_kept_and_a_missing_one_is_drawn(catalog: Catalog) -> None:
    assert catalog.fit(Wish(seed=7), MediaKind.VIDEO).plan.seed == 7
    drawn = {catalog.fit(Wish(), MediaKind.VIDEO).plan.seed for _ in range(8)}
    assert len(drawn) > 1
