"""The pictures that a workflow needs: told by the check, stated, and refused at a create."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from hinode.engines.base import Capabilities, MediaKind, RenderSpec
from hinode.engines.comfyui.check import workflow_findings
from hinode.engines.comfyui.engine import ComfyUIEngine
from hinode.engines.comfyui.filling import filled_graph
from hinode.engines.comfyui.graph import parse_graph, to_request
from hinode.engines.comfyui.settings import ComfyUISettings, WorkflowSettings
from hinode.engines.comfyui.workflow import Workflow, workflow_of
from hinode.engines.remote.errors import UpstreamError
from hinode.kit.ids import new_id

FIRST, LAST, REFERENCE = ("20.image", "21.image", "22.image")
BIND = {"prompt": "1.string", "first_frame": FIRST, "last_frame": LAST, "references": REFERENCE}
SPEC = RenderSpec(new_id(), MediaKind.VIDEO, "a fox", 64, 64, 10, 20, 7)

# What the class of the node between the pictures and the video requires; the rest is optional.
NEEDS_ALL = {"start", "end", "reference"}


def workflow(required: set[str], **more: Any) -> tuple[Workflow, dict[str, Any]]:
    """A workflow whose three pictures go into one node, which cannot do without ``required``."""
    load = {number: load_image() for number in ("20", "21", "22")}
    links = {"start": ["20", 0], "end": ["21", 0], "reference": ["22", 0]}
    graph = {
        "1": {"class_type": "Text", "inputs": {"string": "a"}},
        **load,
        "3": {"class_type": "ToVideo", "inputs": {"text": ["1", 0], **links}},
        "4": {"class_type": "SaveVideo", "inputs": {"video": ["3", 0], "filename_prefix": "a"}},
    }
    infos = {
        "Text": info("string"),
        "LoadImage": info("image"),
        "ToVideo": info("text", *required, optional=links.keys() - required),
        "SaveVideo": {**info("video", "filename_prefix"), "output_node": True},
    }
    return read(graph, BIND, **more), infos


def load_image() -> dict[str, Any]:
    return {"class_type": "LoadImage", "inputs": {"image": "own.png"}}


def info(*required: str, optional: Any = ()) -> dict[str, Any]:
    groups = {"required": required, "optional": optional}
    return {"input": {group: {name: ["X"] for name in names} for group, names in groups.items()}}


def read(graph: dict[str, Any], bind: dict[str, str], **more: Any) -> Workflow:
    given = {"file": "w.json", "output": "4", "bind": bind, **more}
    parsed = parse_graph(json.dumps(graph).encode())
    return workflow_of("w", WorkflowSettings.model_validate(given), parsed)


def lines(required: set[str], **more: Any) -> list[str]:
    found, infos = workflow(required, **more)
    return [one.setting for one in workflow_findings(found, infos) if one.setting]


@pytest.mark.parametrize(
    ("required", "told"),
    [
        (set(), []),
        ({"start"}, ['requires = ["first_frame"]']),
        ({"end"}, ['requires = ["last_frame"]']),
        ({"start", "end"}, ['requires = ["first_frame", "last_frame"]']),
        (NEEDS_ALL, ['requires = ["first_frame", "last_frame", "references"]']),
    ],
)
def test_the_check_tells_the_line_that_refuses_what_cannot_be_rendered(
    required: set[str], told: list[str]
) -> None:
    assert lines(required) == told


def test_what_the_settings_say_is_told_no_more() -> None:
    assert lines({"start"}, requires=["first_frame", "last_frame"]) == []


CHAINED = {
    "1": {"class_type": "Text", "inputs": {"string": "a"}},
    "20": load_image(),
    "21": load_image(),
    "3": {"class_type": "Guide", "inputs": {"start": ["20", 0], "end": ["21", 0]}},
    "5": {"class_type": "Sample", "inputs": {"text": ["1", 0], "guide": ["3", 0]}},
    "4": {"class_type": "SaveVideo", "inputs": {"video": ["5", 0], "filename_prefix": "a"}},
}
"""The video can do without the guide, and the guide without an end, but not without a start."""
OPTIONAL = {("Sample", "guide"), ("Guide", "end")}
FRAMES = {name: BIND[name] for name in ("prompt", "first_frame", "last_frame")}


def is_optional(class_type: str, name: str) -> bool:
    return (class_type, name) in OPTIONAL


def test_a_last_frame_is_never_dropped_with_the_node_of_an_absent_first_one() -> None:
    chained = read(CHAINED, FRAMES)
    with pytest.raises(UpstreamError, match="This model needs its first frame"):
        filled_graph(chained, SPEC, 0, {LAST: "end.png"}, is_optional)
    whole = filled_graph(chained, SPEC, 0, {FIRST: "start.png", LAST: "end.png"}, is_optional)
    assert whole["21"].inputs["image"] == "end.png"
    assert "3" not in filled_graph(chained, SPEC, 0, {}, is_optional)


def test_the_check_tells_that_a_last_frame_needs_a_first_one() -> None:
    infos = {
        "Text": info("string"), "LoadImage": info("image"),
        "Guide": info("start", optional=["end"]), "Sample": info("text", optional=["guide"]),
        "SaveVideo": {**info("video", "filename_prefix"), "output_node": True},
    }  # fmt: skip
    for stated, told in ((False, ["last_frame_needs_first = true"]), (True, [])):
        found = workflow_findings(read(CHAINED, FRAMES, last_frame_needs_first=stated), infos)
        assert [one.setting for one in found if one.setting] == told


def declared_by(folder: Path, bind: dict[str, str], **stated: Any) -> Capabilities:
    """What an engine with the workflow and these settings of it declares."""
    found, _ = workflow(NEEDS_ALL)
    (folder / "w.json").write_text(json.dumps(to_request(found.graph)))
    table = {"file": str(folder / "w.json"), "output": "4", "bind": bind, **stated}
    given = {"kind": "comfyui", "url": "http://127.0.0.1:1", "origin": "trained"}
    settings = ComfyUISettings.model_validate({**given, "workflows": {"w": table}})
    return ComfyUIEngine("studio", settings).capabilities().models["w"]


@pytest.mark.parametrize(
    ("stated", "needs"),
    [
        ({}, (False, False, False)),
        ({"requires": ["first_frame"]}, (True, False, False)),
        ({"requires": ["last_frame"]}, (False, True, False)),
        ({"requires": ["references"]}, (False, False, False)),
        ({"requires": ["references"], "kind": "image"}, (True, False, False)),
        ({"last_frame_needs_first": True}, (False, False, True)),
    ],
)
def test_what_is_stated_is_declared(
    tmp_path: Path, stated: dict[str, Any], needs: tuple[bool, ...]
) -> None:
    declared = declared_by(tmp_path, BIND, **stated)
    assert (
        declared.needs_picture,
        declared.needs_last_frame,
        declared.last_frame_needs_first,
    ) == needs


@pytest.mark.parametrize(("bound", "most"), [({}, 0), ({"references": REFERENCE}, 1)])
def test_a_workflow_takes_as_many_pictures_as_it_has_places_for(
    tmp_path: Path, bound: dict[str, str], most: int
) -> None:
    assert declared_by(tmp_path, {"prompt": BIND["prompt"], **bound}).max_pictures == most


@pytest.mark.parametrize("stated", [{"requires": ["last_frame"]}, {"last_frame_needs_first": True}])
def test_a_picture_that_is_not_bound_cannot_be_required(stated: dict[str, Any]) -> None:
    bind = {"prompt": "1.string", "first_frame": FIRST}
    given = {"file": "w.json", "output": "4", "bind": bind, **stated}
    with pytest.raises(ValidationError, match="requests need its last_frame"):
        WorkflowSettings.model_validate(given)
