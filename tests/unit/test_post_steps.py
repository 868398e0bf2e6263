"""Steps after the render: planned, priced, refused where there are none, and made of frames."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import av
import numpy as np
import pytest

from hinode import HinodeError, MediaKind, load_settings
from hinode.api.openai.video_requests import CreateVideo
from hinode.api.parsing import parse
from hinode.components import build_catalog
from hinode.core.catalog.capabilities import ParameterSupport
from hinode.core.catalog.post_steps import reject_post_steps, rendered_plan, with_post_steps
from hinode.core.catalog.service import Catalog, price
from hinode.core.catalog.types import RenderPlan
from hinode.core.jobs.parameter_fit import fit_request
from hinode.core.jobs.requests import VideoRequest
from hinode.engines.base import RenderSpec
from hinode.engines.diffusers.rendering.post_steps import processed, processed_spec, rendered_spec
from hinode.kit.ids import new_id
from hinode.media.parameters import MAX_LORAS, Parameter, RenderParameters

BOTH = {"frame_interpolation": 2, "upscaling": 5}


def catalog(**given: Any) -> Catalog:
    return build_catalog(load_settings(models={"sora-2": {"post_steps": BOTH, **given}}))


def read(**fields: Any) -> Any:
    return parse(CreateVideo, {"prompt": "a fox", "num_frames": 49, "fps": 24, **fields}).params()


@pytest.mark.parametrize(
    ("fields", "made"),
    [
        ({}, ("720x1280", 49, 24, 50)),
        ({"enable_frame_interpolation": True}, ("720x1280", 97, 48, 54)),
        ({"frame_interpolation_exp": 2}, ("720x1280", 193, 96, 54)),
        ({"enable_upscaling": True, "upscaling_scale": 2}, ("1440x2560", 49, 24, 60)),
        ({"upscaling_scale": "3", "frame_interpolation_exp": "1"}, ("2160x3840", 97, 48, 64)),
        ({"enable_upscaling": False, "upscaling_scale": 2}, ("720x1280", 49, 24, 50)),
    ],
)
def test_a_plan_and_a_price_are_those_of_what_comes_out(
    fields: dict[str, Any], made: tuple[str, int, int, int]
) -> None:
    found = catalog().resolve(read(**fields), MediaKind.VIDEO)
    plan = found.plan
    assert (str(plan.size), plan.frames, plan.fps, found.price) == made
    assert price(found.model, plan, read(**fields).render) == found.price


@pytest.mark.parametrize(
    ("fields", "param", "hint"),
    [
        ({"enable_upscaling": True}, "upscaling_scale", "at most 3"),
        ({"frame_interpolation_exp": 3}, "frame_interpolation_exp", "a lower 'fps'"),
    ],
)
def test_a_step_that_goes_too_far_is_refused(fields: Any, param: str, hint: str) -> None:
    with pytest.raises(HinodeError) as refused:
        catalog().resolve(read(**fields), MediaKind.VIDEO)
    assert (refused.value.param, hint in refused.value.hint) == (param, True)


def test_a_step_that_is_not_offered_is_refused_with_those_that_are() -> None:
    served = catalog(post_steps={"upscaling": 0})
    with pytest.raises(HinodeError) as refused:
        served.resolve(read(frame_interpolation_exp=1), MediaKind.VIDEO)
    assert refused.value.param == "frame_interpolation_exp"
    assert "upscaling_scale" in refused.value.hint


def test_an_engine_that_makes_no_step_is_never_asked_for_one() -> None:
    request = VideoRequest("a fox", read(upscaling_scale=2))
    support = ParameterSupport(frozenset({Parameter.FPS}), None, MAX_LORAS)
    with pytest.raises(HinodeError) as refused:
        fit_request(request, catalog().get("sora-2"), support)
    assert refused.value.param == "upscaling_scale"


def test_what_starts_from_another_video_has_no_steps() -> None:
    with pytest.raises(HinodeError, match="storyboards"):
        reject_post_steps(RenderParameters(upscaling_scale=2), "storyboards")
    reject_post_steps(RenderParameters(num_frames=49), "storyboards")


def test_what_the_model_renders_follows_from_the_plan() -> None:
    model = catalog().get("sora-2")
    for rounds, scale, frames in product((None, 1, 2, 3), (None, 2, 3, 4), (1, 2, 49, 121)):
        parameters = RenderParameters(frame_interpolation_exp=rounds, upscaling_scale=scale)
        plan = RenderPlan(1024, 576, 15, frames, seed=1, outputs=1, watermark=False)
        assert rendered_plan(with_post_steps(model, plan, parameters), parameters) == plan


SPEC = RenderSpec(
    new_id(), MediaKind.VIDEO, "a square moves", 180, 144, fps=20, frames=17, seed=1,
    parameters=RenderParameters(frame_interpolation_exp=1, upscaling_scale=2),
)  # fmt: skip


def moving(spec: RenderSpec) -> Iterator[av.VideoFrame]:
    """Frames of a square that moves four pixels at a time."""
    for place in range(spec.frames):
        picture = np.zeros((spec.height, spec.width, 3), np.uint8)
        picture[20:52, 4 * place : 4 * place + 32] = 255
        yield av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")


def test_frames_are_set_between_and_enlarged() -> None:
    rendered = rendered_spec(SPEC)
    assert (rendered.width, rendered.height, rendered.fps, rendered.frames) == (90, 72, 10, 9)
    assert processed_spec(rendered) == SPEC
    made = list(processed(moving(rendered), rendered))
    assert [(one.width, one.height) for one in made] == [(180, 144)] * 17


def test_a_frame_between_two_shows_the_motion_between_them() -> None:
    parameters = RenderParameters(frame_interpolation_exp=2)
    rendered = replace(rendered_spec(SPEC), parameters=parameters)
    given, made = list(moving(rendered)), list(processed(moving(rendered), rendered))
    assert len(made) == 33
    for place, frame in enumerate(given):
        assert np.array_equal(frame.to_ndarray(), made[4 * place].to_ndarray())
    lefts = [int(np.argmax(one.to_ndarray(format="gray")[36] > 128)) for one in made[8:13]]
    assert lefts == sorted(lefts)
    assert lefts[0] < lefts[2] < lefts[4]


@pytest.mark.parametrize("frames", [1, 2])
def test_few_frames_have_their_count_too(frames: int) -> None:
    rendered = replace(rendered_spec(SPEC), frames=frames)
    assert len(list(processed(moving(rendered), rendered))) == 2 * frames - 1
