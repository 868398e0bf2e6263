"""Storyboards: the cuts fall on whole frames and fill the video exactly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hinode import HinodeError, MediaKind, load_settings
from hinode.components import build_catalog
from hinode.core.catalog.service import GenerationParams
from hinode.core.jobs.requests import ShotParams
from hinode.core.jobs.storyboard import resolve_shots

PLAN = build_catalog(load_settings()).resolve(GenerationParams(seconds="12"), MediaKind.VIDEO).plan


@given(st.lists(st.floats(0.5, 60.0), min_size=1, max_size=20))
def test_the_shots_fill_the_video(lengths: list[float]) -> None:
    shots = resolve_shots([ShotParams("a scene", seconds) for seconds in lengths], PLAN)

    assert sum(shot.frames for shot in shots) == PLAN.frames


def test_shots_of_the_right_length_keep_it() -> None:
    shots = resolve_shots([ShotParams("one", 5.0), ShotParams("two", 7.0)], PLAN)

    assert [(shot.prompt, shot.frames) for shot in shots] == [("one", 150), ("two", 210)]


@pytest.mark.parametrize(
    "shots",
    [
        [ShotParams("a", 0.4)],
        [ShotParams("a", float("nan"))],
        [ShotParams(" ", 4.0)],
        [ShotParams("a", 1.0)] * 21,
    ],
)
def test_unusable_shots_are_refused(shots: list[ShotParams]) -> None:
    with pytest.raises(HinodeError):
        resolve_shots(shots, PLAN)
