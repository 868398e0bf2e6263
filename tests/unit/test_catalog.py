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


@pytest.mark.parametrize(
    ("model", "asked", "rendered"),
    [
        ("sora_video2", "1920x1080", "1280x720"),
        ("sora_video2", "1080x1920", "720x1280"),
        ("sora_video2", "640X480", "1280x720"),
        ("sora_video2", "1024x1024", "720x1280"),
        ("sora_video2-landscape", "1024x1024", "1280x720"),
        ("sora_video", "1792x1024", "1280x720"),
        ("sora_video2-pro", "1920x1080", "1280x720"),
        ("sora_video2-pro", "1792x1024", "1792x1024"),
        ("sora_video2-hd", "720x1280", "1024x1792"),
        ("sora_video2-pro-25s", "1792x1024", "1280x720"),
    ],
)
def test_gateway_videos_take_every_size_by_its_shape(
    catalog: Catalog, model: str, asked: str, rendered: str
) -> None:
    fitted = catalog.fit(Wish(model=model, size=asked), MediaKind.VIDEO)

    assert str(fitted.plan.size) == rendered


@pytest.mark.parametrize(
    ("asked", "rendered"),
    [
        (None, "1024x1024"),
        ("auto", "1024x1024"),
        ("512x512", "1024x1024"),
        ("1792x1024", "1536x1024"),
        ("1024x1536", "1024x1536"),
        ("9x16", "1024x1536"),
    ],
)
@pytest.mark.parametrize("model", ["sora_image", "gpt-image-1"])
def test_pictures_are_square_or_two_by_three(
    catalog: Catalog, model: str, asked: str | None, rendered: str
) -> None:
    fitted = catalog.fit(Wish(model=model, size=asked, outputs=4), MediaKind.IMAGE)

    assert str(fitted.plan.size) == rendered
    assert fitted.price == 20


@pytest.mark.parametrize(
    ("wish", "size", "seconds"),
    [
        (Wish(model="sora_video2", duration="15"), "720x1280", 15),
        (Wish(model="sora_video2", seconds="25", duration="25s"), "720x1280", 25),
        (Wish(model="sora_video2-15s", duration="15"), "720x1280", 15),
        (Wish(model="sora_video2-pro", hd=True), "1024x1792", 10),
        (Wish(model="sora_video2-pro", hd=True, size="1280x720"), "1792x1024", 10),
        (Wish(model="sora_video2-pro", hd=False, size="1792x1024"), "1280x720", 10),
        (Wish(model="sora_video2", hd=False), "720x1280", 10),
        (Wish(model="sora-2", duration="10"), "720x1280", 10),
        (Wish(model="sora-2-pro", hd=True), "1024x1792", 4),
        (Wish(model="sora-2-pro", size="1920x1080", seconds="20"), "1920x1080", 20),
    ],
)
def test_duration_and_hd_are_honoured(
    catalog: Catalog, wish: Wish, size: str, seconds: int
) -> None:
    plan = catalog.fit(wish, MediaKind.VIDEO).plan

    assert (str(plan.size), plan.seconds) == (size, seconds)


@pytest.mark.parametrize(
    ("wish", "param", "rule"),
    [
        (Wish(model="sora_video2", hd=True), "hd", "has no HD"),
        (Wish(model="sora_video2-pro", hd=True, duration="25"), "hd", "25 seconds cannot be HD"),
        (Wish(model="sora_video2-pro-25s", hd=True), "hd", "25 seconds cannot be HD"),
        (Wish(model="sora_video2-hd", duration="25"), "duration", "in HD"),
        (Wish(model="sora_video2-hd", hd=False), "hd", "says HD"),
        (Wish(model="sora_video2-portrait", size="1280x720"), "size", "says portrait"),
        (Wish(model="sora2-landscape-10s", size="9x16"), "size", "says landscape"),
        (Wish(model="sora_video2-15s", duration="10"), "duration", "says 15 seconds"),
        (Wish(model="sora_video2-15s", seconds="10"), "seconds", "says 15 seconds"),
        (Wish(model="sora_video2", duration="12"), "duration", "'12' is not a length"),
        (Wish(model="sora_video2", duration="soon"), "duration", "'soon' is not a length"),
        (Wish(seconds="4", duration="8"), "duration", "contradict each other"),
        (Wish(model="sora_video2", size="wide"), "size", "'wide' is not a size"),
        (Wish(model="sora_video2", size="0x9"), "size", "'0x9' is not a size"),
        (Wish(model="sora_video2", size="auto"), "size", "'auto' is not a size"),
        (Wish(model="sora-2-pro", size="1792x1024", hd=False), "size", "'hd' is false"),
        (Wish(model="sora-2-pro", size="1280x720", hd=True), "size", "'hd' is true"),
        (Wish(model="sora-2-pro", size="1792x1024", seconds="25"), "size", "at 25 seconds"),
    ],
)
def test_a_body_that_contradicts_itself_or_the_name_is_refused(
    catalog: Catalog, wish: Wish, param: str, rule: str
) -> None:
    with pytest.raises(StudioError) as refused:
        catalog.fit(wish, MediaKind.VIDEO)

    assert refused.value.param == param
    assert rule in refused.value.message


@pytest.mark.parametrize(
    ("wish", "param"),
    [
        (Wish(duration="10"), "duration"),
        (Wish(seconds="4"), "seconds"),
        (Wish(hd=True), "hd"),
        (Wish(model="gpt-image-landscape", size="1024x1024"), "size"),
        (Wish(model="sora-2"), "model"),
    ],
)
def test_pictures_take_no_wishes_for_videos(catalog: Catalog, wish: Wish, param: str) -> None:
    with pytest.raises(StudioError) as refused:
        catalog.fit(wish, MediaKind.IMAGE)

    assert refused.value.param == param


def test_the_list_has_the_models_with_their_aliases(catalog: Catalog) -> None:
    listed = {model.id: model for model in catalog.models()}

    assert sorted(listed) == [
        "sora-2",
        "sora-2-pro",
        "sora_image",
        "sora_video",
        "sora_video2",
        "sora_video2-pro",
        "sy_8",
        "sy_ore",
    ]
    assert listed["sora-2"].aliases == ("sora-2-2025-10-06", "sora-2-2025-12-08")
    assert "gpt-image-1" in listed["sora_image"].aliases
    assert catalog.get("gpt-image-1").alias_of == "sora_image"
