"""Model names: every documented one is understood, every broken rule is named."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hinode import ErrorCode, HinodeError, MediaKind, load_settings
from hinode.components import build_catalog
from hinode.core.catalog.grammar import ParsedName, parse
from hinode.core.catalog.service import GenerationParams
from hinode.core.catalog.types import NameConstraints
from hinode.media.size import Orientation

CATALOG = build_catalog(load_settings())
PORTRAIT, LANDSCAPE = Orientation.PORTRAIT, Orientation.LANDSCAPE

# The model list and the examples of the gateway's own document.
GATEWAY = [
    ("sora_video", "720x1280", 10),
    ("sora_video2", "720x1280", 10),
    ("sora_video2-pro", "720x1280", 10),
    ("sora_video2-portrait", "720x1280", 10),
    ("sora_video2-landscape", "1280x720", 10),
    ("sora_video2-landscape-hd", "1792x1024", 10),
    ("sora_video2-landscape-hd-15s", "1792x1024", 15),
    ("sora_video2-hd-portrait-15s", "1024x1792", 15),
    ("sora_video2-hd", "1024x1792", 10),
    ("sora_video2-10s", "720x1280", 10),
    ("sora_video2-15s", "720x1280", 15),
    ("sora_video2-25s", "720x1280", 25),
    ("sora_video2-pro-25s-landscape", "1280x720", 25),
]

# sora2api's names, of its present and of its first model list.
SORA2API = [
    ("sora2", "720x1280", 10),
    *[
        (f"{head}-{shape}-{seconds}s", size, seconds)
        for head in ("sora2", "sora2pro")
        for shape, size in (("landscape", "1280x720"), ("portrait", "720x1280"))
        for seconds in (10, 15, 25)
    ],
    *[
        (f"sora2pro-hd-{shape}-{seconds}s", size, seconds)
        for shape, size in (("landscape", "1792x1024"), ("portrait", "1024x1792"))
        for seconds in (10, 15)
    ],
    *[
        (f"sora-video{shape}-{seconds}s", size, seconds)
        for shape, size in (
            ("", "1280x720"),
            ("-landscape", "1280x720"),
            ("-portrait", "720x1280"),
        )
        for seconds in (10, 15)
    ],
]

OPENAI = ["sora-2", "sora-2-pro", "sora-2-2025-10-06", "sora-2-2025-12-08", "sora-2-pro-2025-10-06"]

PICTURES = [
    ("sora_image", "1024x1024"),
    ("gpt-image", "1024x1024"),
    ("gpt-image-landscape", "1536x1024"),
    ("gpt-image-portrait", "1024x1536"),
    ("sora-image", "1024x1024"),
    ("sora-image-landscape", "1536x1024"),
    ("sora-image-portrait", "1024x1536"),
    ("gpt-image-1", "1024x1024"),
    ("gpt-image-1.5", "1024x1024"),
    ("dall-e-3", "1024x1024"),
]


@pytest.mark.parametrize(("name", "size", "seconds"), GATEWAY + SORA2API)
def test_documented_video_names_mean_what_they_say(name: str, size: str, seconds: int) -> None:
    resolved = CATALOG.resolve(GenerationParams(model=name), MediaKind.VIDEO)

    assert (str(resolved.plan.size), resolved.plan.seconds) == (size, seconds)
    assert resolved.model.id == name, "the answer says the name that was sent"


@pytest.mark.parametrize("name", OPENAI)
def test_snapshots_are_their_models(name: str) -> None:
    resolved = CATALOG.resolve(GenerationParams(model=name), MediaKind.VIDEO)

    assert (str(resolved.plan.size), resolved.plan.seconds) == ("720x1280", 4)
    assert resolved.model.id == name
    assert resolved.price == (300 if "pro" in name else 100)


@pytest.mark.parametrize(("name", "size"), PICTURES)
def test_documented_picture_names_mean_what_they_say(name: str, size: str) -> None:
    resolved = CATALOG.resolve(GenerationParams(model=name), MediaKind.IMAGE)

    assert (str(resolved.plan.size), resolved.plan.frames, resolved.price) == (size, 1, 5)


def test_pro_costs_what_pro_costs_by_whatever_name() -> None:
    prices = {
        name: CATALOG.resolve(GenerationParams(model=name), MediaKind.VIDEO).price
        for name in ("sora_video2", "sora_video2-pro", "sora_video2-hd", "sora2pro-landscape-10s")
    }

    assert prices == {
        "sora_video2": 250,
        "sora_video2-pro": 750,
        "sora_video2-hd": 750,
        "sora2pro-landscape-10s": 750,
    }


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("sora_video2-portrait-landscape", "'portrait' and 'landscape' contradict"),
        ("sora_video2-15s-25s", "'15s' and '25s' contradict"),
        ("sora_video2-10s-pro-25s", "'10s' and '25s' contradict"),
        ("sora_video2-pro-pro", "'pro' occurs twice"),
        ("sora_video2-hd-25s", "HD videos last 10 or 15 seconds"),
        ("sora2pro-25s-hd", "HD videos last 10 or 15 seconds"),
        ("sora_video2-cinematic", "'cinematic' is not a word"),
        ("sora_video2-12s", "'12s' is not a word"),
        ("sora_video2-", "'' is not a word"),
        ("sora_video2-landscape-", "'' is not a word"),
        ("sora_video2-HD", "'HD' is not a word"),
        ("sora_video-landscape", "takes no words"),
        ("sora_image-landscape", "takes no words"),
        ("gpt-image-15s", "'15s' is not a word"),
        ("sora-image-hd", "'hd' is not a word"),
    ],
)
def test_a_broken_rule_is_named_with_what_would_do(name: str, rule: str) -> None:
    with pytest.raises(HinodeError) as refused:
        CATALOG.get(name)

    assert refused.value.code is ErrorCode.UNSUPPORTED_VALUE
    assert refused.value.param == "model"
    assert rule in refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize("name", ["veo-3", "sora-2-2031-01-01", "sora_video3", "Sora_video2", ""])
def test_names_of_no_family_are_not_read(name: str) -> None:
    assert parse(name) is None


words_of_a_name = st.tuples(
    st.sampled_from(["", "portrait", "landscape"]),
    st.sampled_from(["", "10s", "15s", "25s"]),
    st.sampled_from(["", "hd"]),
    st.sampled_from(["", "pro"]),
).filter(lambda words: not ("25s" in words and "hd" in words))


@given(words_of_a_name)
def test_the_order_of_the_words_does_not_matter(words: tuple[str, ...]) -> None:
    said = [word for word in words if word]
    meant = {parse("-".join(["sora_video2", *order])) for order in permutations(said)}
    shape, length, hd, pro = words

    assert meant == {
        ParsedName(
            "sora_video2-pro" if hd or pro else "sora_video2",
            NameConstraints(
                Orientation(shape) if shape else None,
                hd == "hd",
                int(length.removesuffix("s")) if length else None,
            ),
        )
    }


@given(st.text(alphabet="sora_video2-hdproportraitlandscape150x.", max_size=60))
def test_any_name_is_a_model_or_a_refusal_of_the_model(name: str) -> None:
    assert _param_of(f"sora_video2-{name}") in (None, "model")


def _param_of(name: str) -> str | None:
    """Return the field that is refused; None for a name that means a model."""
    try:
        model = CATALOG.get(name)
    except HinodeError as error:
        return error.param
    assert model.sizes
    assert model.seconds
    return None
