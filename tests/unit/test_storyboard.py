"""Storyboards: the cuts fall on whole frames and fill the video exactly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hinode import MediaKind, StudioError, load_settings
from hinode.foundation import build_catalog
from hinode.studio.catalog.service import Wish
from hinode.studio.jobs.requests import ShotWish
from hinode.studio.jobs.storyboard import fit_shots

PLAN = build_catalog(load_settings()).fit(Wish(seconds="12"), MediaKind.VIDEO).plan


@given(st.lists(st.floats(0.5, 60.0), min_size=1, max_size=20))
def test_the_shots_fill_the_video(lengths: list[float]) -> None:
    shots = fit_shots([ShotWish("a scene", seconds) for seconds in lengths], PLAN)

    assert sum(shot.frames for shot in shots) == PLAN.frames


def test_shots_of_the_right_length_keep_it() -> None:
    shots = fit_shots([ShotWish("one", 5.0), ShotWish("two", 7.0)], PLAN)

    assert [(shot.prompt, shot.frames) for shot in shots] == [("one", 150), ("two", 210)]


@pytest.mark.parametrize(
    "wishes",
    [
        [ShotWish("a", 0.4)],
        [ShotWish("a", float("nan"))],
        [ShotWish(" ", 4.0)],
        [ShotWish("a", 1.0)] * 21,
    ],
)
def test_unusable_shots_are_refused(wishes: list[ShotWish]) -> None:
    with pytest.raises(StudioError):
        fit_shots(wishes, PLAN)
