"""A workflow of the settings: its file is read and its bindings are checked before anything runs.

ComfyUI accepts a bound node that is wired to nothing and an output that saves nowhere; the job
then costs its time and shows none of what was asked for. So both are refused here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hinode.engines.base import MediaKind, Parameter
from hinode.engines.comfyui.graph import (
    Graph,
    WorkflowError,
    ancestors,
    linked_node,
    parse_graph,
    split_target,
    with_values,
)
from hinode.engines.comfyui.settings import BOUND_PARAMETERS, PICTURE_BINDINGS, WorkflowSettings

PREFIX_INPUT = "filename_prefix"
_VIDEO_WORDS = ("video", "vhs")


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow that can be run: the nodes that its output needs, with the fixed values set."""

    name: str
    settings: WorkflowSettings
    graph: Graph
    kind: MediaKind

    @property
    def output(self) -> str:
        """The node whose files are the result."""
        return self.settings.output

    @property
    def output_class(self) -> str:
        """The class of the output node."""
        return self.graph[self.output].class_type

    @property
    def parameters(self) -> frozenset[Parameter]:
        """The generation parameters that it takes."""
        bind = self.settings.bind
        taken = {Parameter.STYLE, *(one for one in BOUND_PARAMETERS if getattr(bind, one))}
        by_binding = {
            Parameter.SEED: bind.seed,
            Parameter.FPS: bind.fps,
            Parameter.NUM_FRAMES: bind.frames,
            Parameter.LAST_FRAME: bind.last_frame,
            Parameter.REFERENCE_IMAGES: bind.references,
        }
        return frozenset({*taken, *(one for one, targets in by_binding.items() if targets)})

    @property
    def picture_nodes(self) -> dict[str, tuple[str, ...]]:
        """The nodes that load pictures, by binding."""
        bound = self.settings.bind.all()
        return {
            name: tuple(split_target(one)[0] for one in bound[name])
            for name in PICTURE_BINDINGS
            if name in bound
        }


def load_workflow(name: str, settings: WorkflowSettings) -> Workflow:
    """Read and check a workflow. Raises :class:`WorkflowError`, whose message names the file."""
    try:
        data = settings.file.read_bytes()
    except OSError as error:
        raise WorkflowError(f"{settings.file} cannot be read: {error.strerror}.") from error
    try:
        return workflow_of(name, settings, parse_graph(data))
    except WorkflowError as error:
        raise WorkflowError(f"{settings.file}: {error}") from None


def workflow_of(name: str, settings: WorkflowSettings, graph: Graph) -> Workflow:
    """Return the workflow of a parsed file. Raises :class:`WorkflowError`."""
    if settings.output not in graph:
        raise WorkflowError(f"There is no node {settings.output}, which output names.")
    for place, target in _targets(settings):
        _check_exists(graph, place, target)
    needed = ancestors(with_values(graph, settings.set), settings.output)
    _check_output(needed[settings.output].inputs, settings.output)
    for place, target in _bound(settings):
        _check_reaches(needed, settings.output, place, target)
    _check_pictures(needed, settings)
    return Workflow(name, settings, needed, _kind(needed, settings))


def _targets(settings: WorkflowSettings) -> Iterator[tuple[str, str]]:
    yield from _bound(settings)
    yield from (("set", target) for target in settings.set)


def _bound(settings: WorkflowSettings) -> Iterator[tuple[str, str]]:
    for name, targets in settings.bind.all().items():
        yield from ((f"bind.{name}", target) for target in targets)
    for name, extra in settings.extra_params.items():
        yield from ((f"extra_params.{name}.bind", target) for target in extra.bind)


def _check_exists(graph: Graph, place: str, target: str) -> None:
    node_id, name = split_target(target)
    if node_id not in graph:
        raise WorkflowError(f"{place} names node {node_id}, which it does not have.")
    if name not in graph[node_id].inputs:
        inputs = ", ".join(graph[node_id].inputs) or "none"
        raise WorkflowError(
            f"{place} names {target}, but node {node_id} ({graph[node_id].class_type}) has no "
            f"input {name}; it has: {inputs}."
        )


def _check_output(inputs: dict[str, Any], output: str) -> None:
    if PREFIX_INPUT not in inputs:
        raise WorkflowError(
            f"Node {output}, which output names, saves no file under a name of ours (it has no "
            f"{PREFIX_INPUT}); end it with SaveVideo, VHS_VideoCombine or SaveImage."
        )


def _check_reaches(needed: Graph, output: str, place: str, target: str) -> None:
    node_id, name = split_target(target)
    if node_id not in needed:
        raise WorkflowError(
            f"{place} names {target}, which does not reach node {output}: what requests set there "
            "would have no effect."
        )
    if (node_id, name) == (output, PREFIX_INPUT):
        raise WorkflowError(f"{place} names {target}, which Hinode sets itself.")


def _check_pictures(needed: Graph, settings: WorkflowSettings) -> None:
    bound = settings.bind.all()
    for name in PICTURE_BINDINGS:
        for target in bound.get(name, ()):
            node_id, key = split_target(target)
            linked = linked_node(needed[node_id].inputs[key])
            if linked is not None:
                raise WorkflowError(
                    f"bind.{name} names {target}, which takes a picture of node {linked}, not the "
                    f"name of a file; name the node that loads it, such as LoadImage, and its "
                    "input image."
                )


def _kind(graph: Graph, settings: WorkflowSettings) -> MediaKind:
    if settings.kind:
        return MediaKind(settings.kind)
    video = makes_video(graph[settings.output].class_type)
    return MediaKind.VIDEO if video else MediaKind.IMAGE


def makes_video(output_class: str) -> bool:
    """Return whether an output node of this class saves videos, as its name tells."""
    return any(one in output_class.lower() for one in _VIDEO_WORDS)
