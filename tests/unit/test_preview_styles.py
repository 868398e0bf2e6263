"""The ten styles: each changes the look of the whole frame, always in the same way."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import combinations
from uuid import UUID

import numpy as np
import pytest

from hinode.engines.base import MediaKind, RenderSpec, Style
from hinode.engines.preview.drawing.planes import Planes, planes_of, to_image
from hinode.engines.preview.scene.description import describe_scene
from hinode.engines.preview.scene.scene import Scene
from hinode.engines.preview.styles.grade import grade_for

SPEC = RenderSpec(
    UUID(int=0), MediaKind.VIDEO, "a red fox on the hills at noon", 320, 180, 30, 90, seed=7
)


@cache
def planes(style: Style | None, index: int = 45, **changes: object) -> Planes:
    return drawn(style, index, **changes)


def drawn(style: Style | None, index: int = 45, **changes: object) -> Planes:
    spec = replace(SPEC, style=style, **changes)  # type: ignore[arg-type]
    return planes_of(Scene(spec, describe_scene(spec.prompt, spec.seed), None).frame(index))


@cache
def picture(style: Style | None, index: int = 45) -> np.ndarray:
    spec = replace(SPEC, style=style)
    frame = Scene(spec, describe_scene(spec.prompt, spec.seed), None).frame(index)
    return np.asarray(to_image(frame), dtype=np.float64)


def edges(y: np.ndarray) -> float:
    """How much of a luma plane lies on a hard edge."""
    return float(np.mean(np.abs(np.diff(y.astype(int), axis=0)) > 40))


def colourfulness(found: Planes) -> float:
    return float(np.hypot(found.u.astype(float) - 128, found.v.astype(float) - 128).mean())


def test_no_two_looks_are_alike() -> None:
    looks = {style: picture(style) for style in [None, *Style]}
    for one, other in combinations(looks, 2):
        assert np.mean(np.abs(looks[one] - looks[other])) > 6, (one, other)


@pytest.mark.parametrize("style", Style)
def test_a_look_is_the_same_each_time(style: Style) -> None:
    for one, two in zip(planes(style).all(), drawn(style).all(), strict=True):
        assert np.array_equal(one, two)


@pytest.mark.parametrize("style", Style)
@pytest.mark.parametrize("size", [(2, 2), (64, 200), (16, 64)])
def test_a_look_fits_any_size(style: Style, size: tuple[int, int]) -> None:
    found = planes(style, width=size[0], height=size[1])
    assert found.y.shape == (size[1], size[0])


@pytest.mark.parametrize("style", Style)
def test_no_value_wraps_around(style: Style) -> None:
    luma = planes(style).y
    assert luma.min() >= 6
    assert luma.max() <= 246


def test_comic_and_anime_have_outlines() -> None:
    plain = edges(planes(None).y)
    assert edges(planes(Style.COMIC).y) > 3 * plain
    assert edges(planes(Style.ANIME).y) > 1.3 * plain


def test_anime_is_more_colourful_and_nostalgic_less() -> None:
    plain = colourfulness(planes(None))
    assert colourfulness(planes(Style.ANIME)) > 1.2 * plain
    assert colourfulness(planes(Style.NOSTALGIC)) < plain


def test_golden_and_festive_are_warmer() -> None:
    for style in (Style.GOLDEN, Style.FESTIVE):
        red, _, blue = picture(style).mean(axis=(0, 1)) - picture(None).mean(axis=(0, 1))
        assert red > blue + 15


def test_news_has_a_bar_below_and_leaves_the_top() -> None:
    news, plain = planes(Style.NEWS).y.astype(int), planes(None).y.astype(int)
    apart = np.abs(news - plain).mean(axis=1)
    assert apart[-20:].mean() > 3 * apart[: 180 // 2].mean()
    ticker = [planes(Style.NEWS, index).y[-7:] for index in (40, 50)]
    assert np.mean(ticker[0] != ticker[1]) > 0.05


def test_nostalgic_is_framed_by_dark_bars() -> None:
    luma = planes(Style.NOSTALGIC).y
    assert luma[:10].max() <= 20
    assert luma[30:90].mean() > 80


def test_a_camera_in_the_hand_shakes() -> None:
    # Corners and grain stay where they are; the sun does not.
    places = []
    for index in (30, 35, 40, 45):
        bright = planes(Style.HANDHELD, index, prompt="hills at noon, static shot").y[:90] > 200
        rows, columns = np.nonzero(bright)
        places.append((rows.mean(), columns.mean()))
    assert np.ptp(places, axis=0).max() > 1.5


def test_retro_has_scan_lines() -> None:
    rows = planes(Style.RETRO).y[20:100].astype(float).mean(axis=1)
    assert np.abs(np.diff(rows)).mean() > 10


def test_words_grade_what_is_there() -> None:
    night, sunset = grade_for("make it night"), grade_for("日落")
    assert night.gain < 0.6
    assert sunset.red > 10 > sunset.blue
    assert grade_for("a chair") == grade_for("")
