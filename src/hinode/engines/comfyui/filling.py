"""Fill a workflow with what a job asks for: its values, its pictures, its name; pure."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hinode.engines.base import RenderSpec
from hinode.engines.comfyui.graph import (
    Graph,
    OptionalInput,
    ancestors,
    split_target,
    with_values,
)
from hinode.engines.comfyui.picture_needs import cut_graph, unused_picture_nodes
from hinode.engines.comfyui.settings import BOUND_PARAMETERS, ExtraParamSettings
from hinode.engines.comfyui.workflow import PREFIX_INPUT, Workflow
from hinode.engines.remote.errors import FailureKind, UpstreamError
from hinode.engines.remote.prompts import prompt_with_fields
from hinode.media.parameters import ParameterValue

OUTPUT_FOLDER = "hinode"
_SAVE_INPUT = "save_output"
_MAX_TEXT = 2000


@dataclass(frozen=True, slots=True)
class InputPicture:
    """A picture of a job, and the targets that get the name of its file there.

    ``fitted``: it is scaled and cropped to the size of the result.
    """

    name: str
    path: Path
    targets: tuple[str, ...]
    fitted: bool


def prompt_id(job_id: uuid.UUID, output: int) -> str:
    """Return the id of the run that makes an output; the first has the job's own."""
    return str(uuid.uuid5(job_id, str(output)) if output else job_id)


def file_stem(job_id: uuid.UUID, output: int) -> str:
    """Return what the name of an output's file begins with.

    It is the job's own, so that no other job's result is taken from ComfyUI's cache, and the file
    is found again when ComfyUI has forgotten the job.
    """
    return f"{job_id}-{output}" if output else str(job_id)


def pictures_of(workflow: Workflow, spec: RenderSpec) -> list[InputPicture]:
    """Return the pictures of a job with their targets.

    Raises :class:`UpstreamError` for one that the workflow has no place for.
    """
    bind = workflow.settings.bind
    found = []
    for name, path, targets in (
        ("first-frame", spec.first_frame, bind.first_frame),
        ("last-frame", spec.last_frame, bind.last_frame),
    ):
        if path is not None:
            _expect_place(bool(targets), name.replace("-", " "))
            found.append(InputPicture(name, path, targets, fitted=True))
    room = len(bind.references)
    _expect_place(len(spec.references) <= room, f"more than {room} reference picture(s)")
    for number, (path, target) in enumerate(zip(spec.references, bind.references, strict=False)):
        found.append(InputPicture(f"reference-{number}", path, (target,), fitted=False))
    return found


def _expect_place(has_place: bool, what: str) -> None:
    if not has_place:
        raise UpstreamError(FailureKind.INVALID_REQUEST, f"This model takes no {what}.")


def filled_graph(
    workflow: Workflow,
    spec: RenderSpec,
    output: int,
    files: Mapping[str, str],
    is_optional: OptionalInput,
) -> Graph:
    """Return the graph that makes an output.

    ``files`` are the names of the job's pictures there, by target. Nodes for pictures that the job
    does not have are left out. Raises :class:`UpstreamError` when the workflow cannot do without
    them, and for a parameter out of bounds.
    """
    cut = cut_graph(workflow, files, is_optional)
    if cut is None:
        unused = unused_picture_nodes(workflow, files)
        missing = [name for name, nodes in workflow.picture_nodes.items() if unused & {*nodes}]
        words = " and ".join(missing).replace("_", " ")
        raise UpstreamError(FailureKind.INVALID_REQUEST, f"This model needs its {words}.")
    values = {**_values(workflow, spec, output), **files, **_output_values(workflow, spec, output)}
    return ancestors(with_values(cut, values), workflow.output)


def _values(workflow: Workflow, spec: RenderSpec, output: int) -> dict[str, Any]:
    bind = workflow.settings.bind
    given: list[tuple[tuple[str, ...], Any]] = [
        (bind.prompt, prompt_with_fields(spec)),
        (bind.seed, spec.seed + output),
        (bind.width, spec.width),
        (bind.height, spec.height),
        (bind.frames, spec.frames),
        (bind.seconds, length_in_seconds(spec.frames, spec.fps)),
        (bind.fps, spec.fps),
    ]
    for one in BOUND_PARAMETERS:
        value = getattr(spec.parameters, one)
        if value is not None:
            given.append((getattr(bind, one), value))
    for name, value in spec.parameters.extra_params.items():
        extra = workflow.settings.extra_params.get(name)
        if extra is not None:
            given.append((extra.bind, _checked(workflow, name, extra, value)))
    return {target: value for targets, value in given for target in targets}


def length_in_seconds(frames: int, fps: int) -> float:
    """Return the length that makes a workflow compute these frames.

    Workflows render ``seconds * fps + 1``, so 121 frames at 24 are 5 seconds; a count without the
    one beyond comes from a model without a rule, and is meant as it is.
    """
    whole = frames % fps == 0 and (frames - 1) % fps != 0
    seconds = (frames if whole else frames - 1) / fps
    return int(seconds) if seconds.is_integer() else seconds


def _checked(
    workflow: Workflow, name: str, extra: ExtraParamSettings, value: ParameterValue
) -> ParameterValue:
    node_id, key = split_target(extra.bind[0])
    rule = _broken_rule(extra, workflow.graph[node_id].inputs[key], value)
    if rule:
        raise UpstreamError(FailureKind.INVALID_REQUEST, f"extra_params.{name} {rule}.")
    return value


def _broken_rule(extra: ExtraParamSettings, present: Any, value: ParameterValue) -> str:
    """Return the rule that a value breaks; empty for a good one.

    It must be of the kind of the present value, where that is known.
    """
    if extra.choices and value not in extra.choices:
        return "must be one of " + ", ".join(map(str, extra.choices))
    if isinstance(present, bool) != isinstance(value, bool) and _is_plain(present):
        return "must be true or false" if isinstance(present, bool) else "must not be a boolean"
    if isinstance(value, str):
        if isinstance(present, int | float):
            return "must be a number"
        return f"may have {_MAX_TEXT} characters" if len(value) > _MAX_TEXT else ""
    if isinstance(present, str):
        return "must be a text"
    if extra.min is not None and value < extra.min:
        return f"must be at least {extra.min:g}"
    if extra.max is not None and value > extra.max:
        return f"must be at most {extra.max:g}"
    return ""


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _output_values(workflow: Workflow, spec: RenderSpec, output: int) -> dict[str, Any]:
    stem = file_stem(spec.job_id, output)
    values: dict[str, Any] = {f"{workflow.output}.{PREFIX_INPUT}": f"{OUTPUT_FOLDER}/{stem}"}
    if _SAVE_INPUT in workflow.graph[workflow.output].inputs:
        # Otherwise the file is a temporary one, which a restart removes.
        values[f"{workflow.output}.{_SAVE_INPUT}"] = True
    return values
