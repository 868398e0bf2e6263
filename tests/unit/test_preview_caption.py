"""Captions: fonts, wrapping, and what is drawn."""

from __future__ import annotations

import av
import numpy as np
import pytest

from hinode.engines.preview.drawing.fonts import covers, find_fonts, font_files, load_font
from hinode.engines.preview.drawing.planes import planes_of
from hinode.engines.preview.scene import caption as captions
from hinode.engines.preview.scene.caption import Caption, choose_font, wrap


def drawn(prompt: str, opacity: float = 1.0) -> np.ndarray:
    frame = av.VideoFrame(320, 180, "yuv420p")
    planes = planes_of(frame)
    for plane in planes.all():
        plane[:] = 128
    Caption(prompt, 320, 180).draw(planes, opacity)
    return planes.y.copy()


def test_the_doctor_learns_which_fonts_are_used() -> None:
    facts = find_fonts()
    assert facts.latin
    assert facts.covers_cjk == (facts.cjk is not None)
    assert bool(facts.hint) != facts.covers_cjk


def test_chinese_is_covered_by_what_the_package_installs() -> None:
    assert find_fonts().covers_cjk


def test_a_chinese_caption_is_drawn_and_differs_from_another() -> None:
    empty, one, other = drawn(""), drawn("雪夜的小猫"), drawn("日落的大海")
    assert np.any(one != empty)
    assert np.any(one != other)
    assert one.max() > 200  # white letters


def test_without_a_chinese_font_no_boxes_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(captions, "font_files", lambda: (None,))
    assert choose_font("雪夜 snow") == (None, "snow")
    assert np.all(drawn("雪夜") == 128)


def test_characters_that_no_font_has_are_left_out() -> None:
    _, text = choose_font("a cat \U0001f600 runs\u0007")
    assert text == "a cat runs"


def test_nothing_is_drawn_before_it_fades_in() -> None:
    assert np.all(drawn("a cat", opacity=0.0) == 128)


def test_a_faint_caption_leaves_no_ghost_where_it_is_transparent() -> None:
    faint = drawn("a cat", opacity=0.02)
    assert abs(int(faint.min()) - 128) <= 3


@pytest.mark.parametrize(
    "text",
    [
        "a long sentence about a lighthouse " * 9,
        "一只小猫走在下雪的街道上，霓虹灯闪烁。" * 9,
        "x" * 400,
    ],
)
def test_long_captions_end_in_an_ellipsis_and_fit(text: str) -> None:
    path = choose_font(text)[0]
    font = load_font(path, 20)
    lines = wrap(text, font, 300, 2)
    assert len(lines) <= 2
    assert lines[-1].endswith("…")
    assert max(font.getlength(line) for line in lines) <= 300


def test_short_captions_are_whole() -> None:
    assert wrap("a red fox", load_font(None, 20), 300, 2) == ["a red fox"]


def test_a_line_does_not_begin_with_a_comma() -> None:
    path = next(path for path in font_files() if covers(path, "雪"))
    lines = wrap("雪夜里，" * 12, load_font(path, 20), 90, 50)
    assert not any(line.startswith("，") for line in lines)
