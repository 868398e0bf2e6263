"""Workflows of ComfyUI: what is refused when they are read, and how a job fills them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from hinode.engines.base import MediaKind, Parameter, RenderParameters, RenderSpec
from hinode.engines.comfyui.filling import (
    filled_graph,
    length_in_seconds,
    pictures_of,
    prompt_id,
)
from hinode.engines.comfyui.graph import Graph, WorkflowError, parse_graph
from hinode.engines.comfyui.settings import ComfyUISettings, WorkflowSettings
from hinode.engines.comfyui.workflow import Workflow, workflow_of
from hinode.engines.remote.errors import FailureKind, UpstreamError
from tests.support.comfyui import (
    CORE,
    CORE_SETTINGS,
    PICTURE,
    PICTURE_SETTINGS,
    WAN,
    WAN_SETTINGS,
)

JOB = UUID("0199e0c2-0000-7000-8000-000000000001")
SPEC = RenderSpec(
    job_id=JOB, kind=MediaKind.VIDEO, prompt="a boat", width=640, height=352, fps=24, frames=121,
    seed=7,
)  # fmt: skip
NO_FILES: Mapping[str, str] = {}


def table(given: dict[str, Any], **more: Any) -> WorkflowSettings:
    return WorkflowSettings.model_validate({"file": "w.json", **given, **more})


def workflow(graph: dict[str, Any] = WAN, given: dict[str, Any] = WAN_SETTINGS) -> Workflow:
    return workflow_of("w", table(given), parse_graph(json.dumps(graph).encode()))


def optional(class_type: str, name: str) -> bool:
    return (class_type, name) == ("Wan22ImageToVideoLatent", "start_image")


def filled(spec: RenderSpec = SPEC, output: int = 0, files: Mapping[str, str] = NO_FILES) -> Graph:
    return filled_graph(workflow(), spec, output, files, optional)


def with_bind(**bind: Any) -> dict[str, Any]:
    return {**WAN_SETTINGS, "bind": {**WAN_SETTINGS["bind"], **bind}}


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"\xff", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "no object"),
        (b"{}", "no nodes"),
        (b'{"nodes": [], "links": []}', "UI format"),
        (json.dumps({"prompt": WAN}).encode(), 'what is in "prompt"'),
        (b'{"3": {"type": "KSampler"}}', "node 3 has no class_type"),
        (b'{"3": {"class_type": "KSampler", "inputs": []}}', "node 3"),
        (b" " * (4 * 2**20 + 1), "more than 4 MB"),
    ],
    ids=["bytes", "deep", "list", "empty", "ui", "request", "old", "inputs", "large"],
)
def test_files_of_other_formats_are_refused_by_name(data: bytes, rule: str) -> None:
    with pytest.raises(WorkflowError, match=rule):
        parse_graph(data)


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"output": "99"}, "no node 99, which output names"),
        ({"output": "60"}, "saves no file under a name of ours"),
        (with_bind(prompt="99.text"), "bind.prompt names node 99"),
        (with_bind(prompt="6.prompt"), "has no input prompt; it has: text"),
        (with_bind(prompt="60.images"), "does not reach node 58"),
        (with_bind(first_frame="55.start_image"), "name the node that loads it"),
        (with_bind(negative_prompt="58.filename_prefix"), "which Hinode sets itself"),
        ({"set": {"3.stepps": 2}}, "has no input stepps"),
        ({"extra_params": {"x": {"bind": "60.images"}}}, "extra_params.x.bind names 60.images"),
    ],
    ids=[
        "output",
        "unnamed",
        "node",
        "input",
        "wired to nothing",
        "link",
        "prefix",
        "set",
        "extra",
    ],
)
def test_what_would_have_no_effect_is_refused(given: dict[str, Any], rule: str) -> None:
    with pytest.raises(WorkflowError, match=rule):
        workflow(given={**WAN_SETTINGS, **given})


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        (with_bind(seconds="57.fps"), "exclude each other"),
        (with_bind(prompt="6"), "pattern"),
        (with_bind(prompt=[]), "at least 1"),
        ({"fps": 24}, "give all three"),
        ({"model": "wan-2.2-5b", "fps": 24}, "rules of its own"),
        ({"model": "my-finetune"}, "the rules of 'my-finetune' are not known"),
        ({"sizes": ["641x352"], "frames": {"usual": 1}, "fps": 24}, "sides are even"),
        (
            {"sizes": ["64x64"], "frames": {"step": 4, "remainder": 1, "usual": 80}, "fps": 24},
            "none of the counts",
        ),
    ],
)
def test_settings_that_contradict_each_other_are_refused(given: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValidationError, match=rule):
        table({**WAN_SETTINGS, **given})


ENGINE = {"kind": "comfyui", "url": "http://x", "origin": "trained"}


def test_no_origin_is_signed_that_nobody_stated() -> None:
    given = {"kind": "comfyui", "url": "http://x", "workflows": {"a": {"file": "f"}}}
    with pytest.raises(ValidationError, match='set it to "trained"'):
        ComfyUISettings.model_validate(given)


def test_a_default_workflow_must_be_there() -> None:
    given = {**ENGINE, "workflows": {"a": {"file": "f", **CORE_SETTINGS}}}
    with pytest.raises(ValidationError, match="there is no workflow 'b'; there are: a"):
        ComfyUISettings.model_validate({**given, "workflow": "b"})
    assert ComfyUISettings.model_validate(given).default_workflow == "a"


def test_files_are_found_from_the_folder_of_the_settings() -> None:
    settings = ComfyUISettings.model_validate(
        {**ENGINE, "workflows": {"a": {"file": "f", **CORE_SETTINGS}}}
    )
    assert settings.with_files_in(Path("/etc")).workflows["a"].file == Path("/etc/f")


def test_a_job_fills_its_values_and_its_name() -> None:
    graph = filled(replace(SPEC, parameters=RenderParameters(negative_prompt="rain")), output=1)

    assert graph["6"].inputs["text"] == "a boat"
    assert graph["7"].inputs["text"] == "rain"
    assert graph["3"].inputs["seed"] == SPEC.seed + 1
    assert graph["3"].inputs["steps"] == 20  # fixed by `set`
    latent = graph["55"].inputs
    assert (latent["width"], latent["height"], latent["length"]) == (640, 352, 121)
    assert graph["57"].inputs["fps"] == 24
    assert graph["58"].inputs["filename_prefix"] == f"hinode/{JOB}-1"
    assert prompt_id(JOB, 0) == str(JOB)
    assert prompt_id(JOB, 1) != prompt_id(JOB, 2)


def test_a_parameter_that_is_not_named_leaves_the_workflows_own() -> None:
    assert filled()["7"].inputs["text"] == "blurry"


def test_only_what_the_output_needs_is_run() -> None:
    graph = filled(files={"56.image": "hinode/a.png"})

    assert graph["56"].inputs["image"] == "hinode/a.png"
    assert "60" not in graph


def test_without_a_first_frame_the_workflows_own_picture_is_left_out() -> None:
    graph = filled()

    assert {"56", "59"}.isdisjoint(graph)
    assert "start_image" not in graph["55"].inputs


def test_a_workflow_that_needs_its_picture_says_so() -> None:
    with pytest.raises(UpstreamError, match="needs its first frame") as caught:
        filled_graph(workflow(), SPEC, 0, {}, lambda *_: False)
    assert caught.value.failure_kind is FailureKind.INVALID_REQUEST


def test_pictures_without_a_place_are_refused() -> None:
    picture = Path("a.png")
    core = workflow(CORE, CORE_SETTINGS)
    for spec in (
        replace(SPEC, first_frame=picture),
        replace(SPEC, last_frame=picture),
        replace(SPEC, references=(picture,)),
    ):
        with pytest.raises(UpstreamError, match="takes no"):
            pictures_of(core, spec)


@pytest.mark.parametrize(
    ("frames", "fps", "seconds"),
    [(121, 24, 5), (120, 24, 5), (81, 16, 5), (49, 8, 6), (100, 24, 4.125), (1, 24, 0)],
)
def test_a_length_in_seconds_makes_the_workflow_compute_the_frames(
    frames: int, fps: int, seconds: float
) -> None:
    assert length_in_seconds(frames, fps) == seconds


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (0, "must be at least 1"),
        (51, "must be at most 50"),
        ("ten", "must be a number"),
        (True, "must not be a boolean"),
    ],
)
def test_extra_parameters_keep_to_their_bounds(value: Any, rule: str) -> None:
    spec = replace(SPEC, parameters=RenderParameters(extra_params={"steps": value}))
    with pytest.raises(UpstreamError, match=f"extra_params.steps {rule}"):
        filled(spec)


def test_extra_parameters_are_set() -> None:
    spec = replace(SPEC, parameters=RenderParameters(extra_params={"steps": 12}))
    assert filled(spec)["3"].inputs["steps"] == 12


def test_bindings_tell_what_a_workflow_takes_and_makes() -> None:
    assert workflow().parameters == {
        Parameter.STYLE, Parameter.SEED, Parameter.FPS, Parameter.NUM_FRAMES,
        Parameter.NEGATIVE_PROMPT, Parameter.GUIDANCE_SCALE, Parameter.NUM_INFERENCE_STEPS,
    }  # fmt: skip
    assert workflow().kind is MediaKind.VIDEO
    assert workflow(PICTURE, PICTURE_SETTINGS).kind is MediaKind.IMAGE
