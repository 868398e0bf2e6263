"""What the catalog is asked for a body, and what a plan includes."""

from __future__ import annotations

import pytest

from hinode import ErrorCode, HinodeError, MediaKind, load_settings
from hinode.api.parsing import parse
from hinode.api.sora.create.params import check_plan, generation_params
from hinode.api.sora.create.schemas import SoraCreateVideo
from hinode.components import build_catalog
from hinode.core.accounts.types import Plan
from hinode.media.size import Orientation

CATALOG = build_catalog(load_settings())
PORTRAIT, LANDSCAPE, SQUARE = Orientation.PORTRAIT, Orientation.LANDSCAPE, Orientation.SQUARE


def video(**fields: str | int | None) -> SoraCreateVideo:
    return parse(SoraCreateVideo, {"prompt": "a cat", **fields})


@pytest.mark.parametrize("model", ["sy_8", "sy_ore", "sy_8_20251208"])
@pytest.mark.parametrize(
    ("large", "orientation", "size"),
    [
        (False, None, "352x640"),
        (False, PORTRAIT, "352x640"),
        (False, LANDSCAPE, "640x352"),
        (False, SQUARE, "480x480"),
        (True, None, "704x1280"),
        (True, PORTRAIT, "704x1280"),
        (True, LANDSCAPE, "1280x704"),
        (True, SQUARE, "960x960"),
    ],
)
@pytest.mark.parametrize("n_frames", [None, 150, 300, 450, 600, 750])
def test_the_backends_models_render_every_documented_size_and_length(
    model: str, large: bool, orientation: Orientation | None, size: str, n_frames: int | None
) -> None:
    size_name = "large" if large else None
    body = video(model=model, orientation=orientation, size=size_name, n_frames=n_frames)

    plan = CATALOG.resolve(generation_params(body, CATALOG.get(model), None), MediaKind.VIDEO).plan

    assert (str(plan.size), plan.frames, plan.fps) == (size, n_frames or 300, 30)


def test_a_picture_says_the_shape_where_nothing_else_does() -> None:
    model = CATALOG.get("sy_8")

    assert generation_params(video(), model, LANDSCAPE).size == "640x352"
    assert generation_params(video(orientation="portrait"), model, LANDSCAPE).size == "352x640"
    # `sora-2` has no square: its usual shape holds, as nobody asked for a square.
    assert generation_params(video(model="sora-2"), CATALOG.get("sora-2"), SQUARE).size is None


@pytest.mark.parametrize(
    ("body", "param", "hint"),
    [
        (video(model="sora-2", orientation="square"), "orientation", "portrait, landscape"),
        (video(model="sora-2", size="large"), "size", "no large size"),
        (video(n_frames=451), "n_frames", "150, 300, 450, 600, 750"),
        (video(n_frames=900), "n_frames", "150, 300, 450, 600, 750"),
        (video(n_frames=-300), "n_frames", "150, 300, 450, 600, 750"),
    ],
    ids=["no-square", "no-large", "odd-frames", "too-long", "negative"],
)
def test_what_a_model_does_not_offer_is_refused_by_its_field(
    body: SoraCreateVideo, param: str, hint: str
) -> None:
    with pytest.raises(HinodeError) as refused:
        generation_params(body, CATALOG.get(body.model), None)

    assert refused.value.param == param
    assert hint in str(refused.value)


@pytest.mark.parametrize("plan", list(Plan))
@pytest.mark.parametrize(
    ("model", "large", "seconds", "param"),
    [
        ("sy_8", False, 20, None),
        ("sy_ore", False, 10, "model"),
        ("sora-2-pro", False, 10, "model"),
        ("sora-2-pro-2025-10-06", False, 10, "model"),
        ("sy_8", True, 10, "size"),
        ("sy_8", False, 25, "n_frames"),
    ],
)
def test_plans(plan: Plan, model: str, large: bool, seconds: int, param: str | None) -> None:
    def check() -> None:
        check_plan(plan, CATALOG.get(model), large=large, seconds=seconds)

    if param is None or plan in (Plan.PRO, Plan.TEAM):
        check()
        return
    with pytest.raises(HinodeError) as refused:
        check()
    assert (refused.value.code, refused.value.param) == (ErrorCode.PLAN_REQUIRED, param)
    assert not any(trap in str(refused.value) for trap in ("400", "401", "429", "invalid"))
