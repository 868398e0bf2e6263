"""The bindings of workflows are guessed from the shapes that people have."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest

from hinode.engines.comfyui.check import workflow_findings
from hinode.engines.comfyui.graph import Graph, WorkflowError, parse_graph
from hinode.engines.comfyui.guessing import Guess, guess_workflow
from hinode.engines.comfyui.settings import ComfyUISettings, WorkflowSettings
from hinode.engines.comfyui.workflow import workflow_of
from hinode.engines.comfyui.written_settings import settings_toml
from tests.support.comfyui import CORE, PICTURE, WAN, WAN_SETTINGS
from tests.support.upstreams.comfyui_nodes import CLASSES


def node(class_type: str, title: str = "", **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs, "_meta": {"title": title}}


def parsed(nodes: dict[str, Any]) -> Graph:
    return parse_graph(json.dumps(nodes).encode())


def bindings(nodes: dict[str, Any]) -> dict[str, Guess]:
    return {one.binding: one for one in guess_workflow(parsed(nodes)).guesses}


def targets(nodes: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    return {name: one.targets for name, one in bindings(nodes).items()}


SAVE = {
    "90": node("CreateVideo", images=["80", 0], fps=16),
    "91": node("SaveVideo", video=["90", 0], filename_prefix="video"),
}

TWO_SAMPLERS = {
    "1": node("CLIPTextEncode", "Positive", text="a fox"),
    "2": node("CLIPTextEncode", "Negative", text="blurry"),
    "3": node("LoadImage", image="start.png"),
    "4": node("LoadImage", image="end.png"),
    "5": node(
        "WanFirstLastFrameToVideo", positive=["1", 0], negative=["2", 0], width=640, height=640,
        length=81, start_image=["3", 0], end_image=["4", 0],
    ),
    "6": node(
        "KSamplerAdvanced", add_noise="enable", noise_seed=5, steps=20, cfg=4,
        positive=["5", 0], negative=["5", 1], latent_image=["5", 2],
    ),
    "7": node(
        "KSamplerAdvanced", add_noise="disable", noise_seed=0, steps=20, cfg=4,
        positive=["5", 0], negative=["5", 1], latent_image=["6", 0],
    ),
    "80": node("VAEDecode", samples=["7", 0]),
    **SAVE,
}  # fmt: skip

GUIDED = {
    "1": node("PrimitiveStringMultiline", "Prompt", value="a fox"),
    "2": node("CLIPTextEncode", text=["1", 0]),
    "3": node("ConditioningZeroOut", conditioning=["2", 0]),
    "4": node("CFGGuider", cfg=3, positive=["2", 0], negative=["3", 0]),
    "5": node("RandomNoise", noise_seed=9),
    "6": node("PrimitiveFloat", "Duration", value=5),
    "7": node("PrimitiveInt", "FPS", value=24),
    "8": node("ComfyMathExpression", expression="a*b+1", a=["6", 0], b=["7", 0]),
    "9": node("EmptyLTXVLatentVideo", width=768, height=512, length=["8", 0]),
    "10": node("LTXVConditioning", positive=["2", 0], negative=["3", 0], frame_rate=["7", 0]),
    "11": node("SamplerCustomAdvanced", noise=["5", 0], guider=["4", 0], latent_image=["9", 0]),
    "12": node("PromptEnhancer", prompt=["1", 0]),
    "80": node("VAEDecode", samples=["11", 0], cond=["10", 0], said=["12", 0]),
    "90": node("CreateVideo", images=["80", 0], fps=["7", 0]),
    "91": node("SaveVideo", video=["90", 0], filename_prefix="video"),
}

WRAPPER = {
    "1": node("WanVideoTextEncode", positive_prompt="a fox", negative_prompt="blurry"),
    "2": node("LoadImage", image="start.png"),
    "3": node("ImageResizeKJv2", image=["2", 0], width=832, height=480),
    "4": node(
        "WanVideoImageToVideoEncode", width=832, height=480, num_frames=81, start_image=["3", 0]
    ),
    "5": node(
        "WanVideoSampler", text_embeds=["1", 0], image_embeds=["4", 0], steps=30, cfg=6, seed=7
    ),
    "6": node("WanVideoDecode", samples=["5", 0]),
    "7": node(
        "VHS_VideoCombine", images=["6", 0], frame_rate=16, filename_prefix="wan", save_output=True
    ),
}  # fmt: skip


def test_the_bindings_of_wan_are_those_that_its_settings_name() -> None:
    named = WAN_SETTINGS["bind"]
    expected = {
        name: tuple(one) if isinstance(one, list) else (one,) for name, one in named.items()
    }
    assert targets(WAN) == expected
    assert {one.confidence for one in bindings(WAN).values()} == {"sure"}


def test_of_two_samplers_the_one_that_adds_noise_has_the_seed() -> None:
    found = targets(TWO_SAMPLERS)
    assert found["seed"] == ("6.noise_seed",)
    assert (found["prompt"], found["negative_prompt"]) == (("1.text",), ("2.text",))
    assert (found["first_frame"], found["last_frame"]) == (("3.image",), ("4.image",))
    assert (found["frames"], found["fps"]) == (("5.length",), ("90.fps",))
    assert "num_inference_steps" not in found  # two samplers share them


def test_a_computed_length_is_bound_by_its_duration_and_its_rate() -> None:
    found = targets(GUIDED)
    assert found["seconds"] == ("6.value",)
    assert "frames" not in found
    assert found["fps"] == ("7.value",)
    assert found["prompt"] == ("1.value",)
    assert "negative_prompt" not in found  # it is the positive one, zeroed
    assert bindings(GUIDED)["seconds"].confidence == "likely"


def test_nodes_that_rewrite_the_prompt_are_shown() -> None:
    (note,) = guess_workflow(parsed(GUIDED)).notes
    assert "Node 12 (PromptEnhancer)" in note


def test_the_nodes_of_a_wrapper_are_found_by_the_names_of_their_inputs() -> None:
    assert targets(WRAPPER) == {
        "prompt": ("1.positive_prompt",),
        "negative_prompt": ("1.negative_prompt",),
        "seed": ("5.seed",),
        "width": ("4.width",),
        "height": ("4.height",),
        "frames": ("4.num_frames",),
        "fps": ("7.frame_rate",),
        "first_frame": ("2.image",),
        "num_inference_steps": ("5.steps",),
        "guidance_scale": ("5.cfg",),
    }


def test_what_is_only_named_alike_is_told_as_a_guess() -> None:
    found = bindings(CORE)
    assert (found["prompt"].targets, found["prompt"].confidence) == (("1.string",), "likely")
    assert (found["frames"].targets, found["frames"].confidence) == (("2.batch_size",), "guess")
    assert (found["width"].targets, found["width"].confidence) == (("2.width",), "likely")


def test_a_picture_has_no_length() -> None:
    found = guess_workflow(parsed(PICTURE))
    assert not found.makes_video
    assert {one.binding for one in found.guesses} == {"prompt", "width", "height"}


def test_the_model_that_a_workflow_loads_is_known_by_its_file() -> None:
    known = guess_workflow(parsed(WAN)).checkpoint
    assert known is not None
    assert known.name == "Wan2.2-TI2V-5B"
    assert guess_workflow(parsed(CORE)).checkpoint is None


def test_of_several_nodes_that_save_the_video_is_the_output() -> None:
    more = {**WAN, "99": node("SaveImage", images=["8", 0], filename_prefix="x")}
    found = guess_workflow(parsed(more))
    assert found.output == "58"
    assert "several nodes (58, 99)" in found.notes[0]
    assert guess_workflow(parsed(more), "99").output == "99"


@pytest.mark.parametrize(
    ("nodes", "output", "rule"),
    [({"1": node("LoadImage", image="a.png")}, None, "saves no file"), (WAN, "1000", "no node")],
)
def test_without_an_output_nothing_is_guessed(nodes: Any, output: Any, rule: str) -> None:
    with pytest.raises(WorkflowError, match=rule):
        guess_workflow(parsed(nodes), output)


@pytest.mark.parametrize("nodes", [WAN, CORE, PICTURE, TWO_SAMPLERS, GUIDED, WRAPPER])
def test_settings_that_are_written_can_be_read(nodes: dict[str, Any]) -> None:
    found = guess_workflow(parsed(nodes))
    text = settings_toml(
        found,
        file='wf "1".json',
        engine="studio",
        workflow="my.wan",
        url="http://x",
        more=["last_frame_needs_first = false"],
    )
    assert "last_frame_needs_first = false\n" in text
    read = tomllib.loads(text)
    table = read["engines"]["studio"]
    assert table.get("origin") == ("trained" if found.has_model else None)
    read["engines"]["studio"] = {"origin": "algorithm", **table}
    settings = ComfyUISettings.model_validate(read["engines"]["studio"])
    assert str(settings.workflows["my.wan"].file) == 'wf "1".json'
    workflow_of("w", settings.workflows["my.wan"], parsed(nodes))
    assert read["models"]["my.wan"]["upstream"] == "my.wan"


@pytest.mark.parametrize(("nodes", "expected"), [(WAN, True), (TWO_SAMPLERS, True), (CORE, False)])
def test_an_origin_is_written_only_where_a_model_was_seen(
    nodes: dict[str, Any], expected: bool
) -> None:
    assert guess_workflow(parsed(nodes)).has_model is expected


def findings(nodes: dict[str, Any] = WAN, given: dict[str, Any] = WAN_SETTINGS) -> list[str]:
    settings = WorkflowSettings.model_validate({"file": "w.json", **given})
    workflow = workflow_of("w", settings, parsed(nodes))
    return [one.message for one in workflow_findings(workflow, CLASSES) if one.is_error]


def notes(nodes: dict[str, Any] = WAN, given: dict[str, Any] = WAN_SETTINGS) -> list[str]:
    settings = WorkflowSettings.model_validate({"file": "w.json", **given})
    workflow = workflow_of("w", settings, parsed(nodes))
    return [one.message for one in workflow_findings(workflow, CLASSES) if not one.is_error]


def test_a_workflow_that_its_server_can_run_has_no_findings() -> None:
    assert findings() == []
    assert notes() == []


@pytest.mark.parametrize(
    ("node_id", "changed", "rule"),
    [
        (
            "6",
            node("MyTextEncode", text="a"),
            "Node 6 (MyTextEncode): the server has no such class",
        ),
        ("37", node("UNETLoader", unet_name="x.gguf"), "the server has no unet_name 'x.gguf'"),
        ("8", node("VAEDecode", samples=["3", 0]), ""),
        ("57", node("CreateVideo", fps=24), "lacks images"),
    ],
)
def test_the_server_lacks_what_a_workflow_needs(
    node_id: str, changed: dict[str, Any], rule: str
) -> None:
    graph = {**WAN, node_id: changed}
    if node_id == "57":
        graph["58"] = {**WAN["58"], "inputs": {**WAN["58"]["inputs"], "also": ["8", 0]}}
    found = findings(graph)
    assert any(rule in one for one in found) if rule else found == []


def test_bindings_that_leave_something_open_are_noted() -> None:
    bind = {"prompt": "6.text", "frames": "57.fps"}
    found = notes(given={"output": "58", "bind": bind})
    assert found == [
        "bind.frames names 57.fps, which takes FLOAT.",
        "fps is not bound: its rate is always that of the file.",
        "width or height is not bound: its size is always that of the file.",
        "seed is not bound: the same request makes the same again.",
    ]
