"""The catalog's rules: what is offered is fitted exactly, the rest refused with what would do."""

from __future__ import annotations

import pytest

from hinode import ErrorCode, HinodeError, MediaKind, load_settings
from hinode.components import build_catalog
from hinode.core.catalog.service import Catalog, GenerationParams


@pytest.fixture
def catalog() -> Catalog:
    return build_catalog(load_settings())


def test_nothing_asked_gives_the_documented_defaults(catalog: Catalog) -> None:
    resolved = catalog.resolve(GenerationParams(), MediaKind.VIDEO)

    assert resolved.model.id == "sora-2"
    assert (resolved.plan.width, resolved.plan.height) == (720, 1280)
    assert (resolved.plan.frames, resolved.plan.fps, resolved.plan.outputs) == (120, 30, 1)
    assert resolved.price == 100


@pytest.mark.parametrize("seconds", ["8", "8s", "8.0", " 8 "])
def test_lengths_are_read_in_every_spelling(catalog: Catalog, seconds: str) -> None:
    resolved = catalog.resolve(
        GenerationParams(seconds=seconds, size="1280x720", outputs=2), MediaKind.VIDEO
    )

    assert resolved.plan.frames == 240
    assert resolved.price == 400


@pytest.mark.parametrize(
    ("params", "param", "hint"),
    [
        (GenerationParams(model="sora-9"), "model", "sora-2-pro"),
        (GenerationParams(size="1024x1792"), "size", "'1280x720'"),
        (GenerationParams(size="big"), "size", "'1280x720'"),
        (GenerationParams(seconds="5"), "seconds", "'12'"),
        (GenerationParams(seconds="-4"), "seconds", "'4'"),
        (GenerationParams(outputs=5), "n", ""),
        (GenerationParams(outputs=0), "n", ""),
        (GenerationParams(seed=-1), "seed", ""),
        (GenerationParams(seed=2**32), "seed", ""),
        (GenerationParams(model="sora_image"), "model", "sora-2"),
    ],
)
def test_what_is_not_offered_is_refused_with_what_is(
    catalog: Catalog, params: GenerationParams, param: str, hint: str
) -> None:
    with pytest.raises(HinodeError) as refused:
        catalog.resolve(params, MediaKind.VIDEO)

    assert refused.value.param == param
    assert hint in refused.value.hint
    if params.model == "sora-9":
        assert refused.value.code is ErrorCode.MODEL_NOT_FOUND


def test_a_seed_is_kept_and_a_missing_one_is_drawn(catalog: Catalog) -> None:
    assert catalog.resolve(GenerationParams(seed=7), MediaKind.VIDEO).plan.seed == 7
    drawn = {catalog.resolve(GenerationParams(), MediaKind.VIDEO).plan.seed for _ in range(8)}
    assert len(drawn) > 1


@pytest.mark.parametrize(
    ("model", "requested", "rendered"),
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
    catalog: Catalog, model: str, requested: str, rendered: str
) -> None:
    resolved = catalog.resolve(GenerationParams(model=model, size=requested), MediaKind.VIDEO)

    assert str(resolved.plan.size) == rendered


@pytest.mark.parametrize(
    ("requested", "rendered"),
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
    catalog: Catalog, model: str, requested: str | None, rendered: str
) -> None:
    resolved = catalog.resolve(
        GenerationParams(model=model, size=requested, outputs=4), MediaKind.IMAGE
    )

    assert str(resolved.plan.size) == rendered
    assert resolved.price == 20


@pytest.mark.parametrize(
    ("params", "size", "seconds"),
    [
        (GenerationParams(model="sora_video2", duration="15"), "720x1280", 15),
        (GenerationParams(model="sora_video2", seconds="25", duration="25s"), "720x1280", 25),
        (GenerationParams(model="sora_video2-15s", duration="15"), "720x1280", 15),
        (GenerationParams(model="sora_video2-pro", hd=True), "1024x1792", 10),
        (GenerationParams(model="sora_video2-pro", hd=True, size="1280x720"), "1792x1024", 10),
        (GenerationParams(model="sora_video2-pro", hd=False, size="1792x1024"), "1280x720", 10),
        (GenerationParams(model="sora_video2", hd=False), "720x1280", 10),
        (GenerationParams(model="sora-2", duration="10"), "720x1280", 10),
        (GenerationParams(model="sora-2-pro", hd=True), "1024x1792", 4),
        (GenerationParams(model="sora-2-pro", size="1920x1080", seconds="20"), "1920x1080", 20),
    ],
)
def test_duration_and_hd_are_honoured(
    catalog: Catalog, params: GenerationParams, size: str, seconds: int
) -> None:
    plan = catalog.resolve(params, MediaKind.VIDEO).plan

    assert (str(plan.size), plan.seconds) == (size, seconds)


@pytest.mark.parametrize(
    ("params", "param", "rule"),
    [
        (GenerationParams(model="sora_video2", hd=True), "hd", "has no HD"),
        (
            GenerationParams(model="sora_video2-pro", hd=True, duration="25"),
            "hd",
            "25 seconds cannot be HD",
        ),
        (GenerationParams(model="sora_video2-pro-25s", hd=True), "hd", "25 seconds cannot be HD"),
        (GenerationParams(model="sora_video2-hd", duration="25"), "duration", "in HD"),
        (GenerationParams(model="sora_video2-hd", hd=False), "hd", "fixes HD"),
        (GenerationParams(model="sora_video2-portrait", size="1280x720"), "size", "fixes portrait"),
        (GenerationParams(model="sora2-landscape-10s", size="9x16"), "size", "fixes landscape"),
        (GenerationParams(model="sora_video2-15s", duration="10"), "duration", "fixes 15 seconds"),
        (GenerationParams(model="sora_video2-15s", seconds="10"), "seconds", "fixes 15 seconds"),
        (GenerationParams(model="sora_video2", duration="12"), "duration", "'12' is not a length"),
        (
            GenerationParams(model="sora_video2", duration="soon"),
            "duration",
            "'soon' is not a length",
        ),
        (GenerationParams(seconds="4", duration="8"), "duration", "must be equal"),
        (GenerationParams(model="sora_video2", size="wide"), "size", "'wide' is not a size"),
        (GenerationParams(model="sora_video2", size="0x9"), "size", "'0x9' is not a size"),
        (GenerationParams(model="sora_video2", size="auto"), "size", "'auto' is not a size"),
        (GenerationParams(model="sora-2-pro", size="1792x1024", hd=False), "size", "'hd' is false"),
        (GenerationParams(model="sora-2-pro", size="1280x720", hd=True), "size", "'hd' is true"),
        (
            GenerationParams(model="sora-2-pro", size="1792x1024", seconds="25"),
            "size",
            "at 25 seconds",
        ),
    ],
)
def test_a_body_that_contradicts_itself_or_the_name_is_refused(
    catalog: Catalog, params: GenerationParams, param: str, rule: str
) -> None:
    with pytest.raises(HinodeError) as refused:
        catalog.resolve(params, MediaKind.VIDEO)

    assert refused.value.param == param
    assert rule in refused.value.message


@pytest.mark.parametrize(
    ("params", "param"),
    [
        (GenerationParams(duration="10"), "duration"),
        (GenerationParams(seconds="4"), "seconds"),
        (GenerationParams(hd=True), "hd"),
        (GenerationParams(model="gpt-image-landscape", size="1024x1024"), "size"),
        (GenerationParams(model="sora-2"), "model"),
    ],
)
def test_pictures_take_no_wishes_for_videos(
    catalog: Catalog, params: GenerationParams, param: str
) -> None:
    with pytest.raises(HinodeError) as refused:
        catalog.resolve(params, MediaKind.IMAGE)

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
