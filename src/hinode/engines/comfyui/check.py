"""Check workflows against a server before anything renders: its classes, inputs and files.

ComfyUI would accept much of this and fail later, or render something else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hinode.engines.base import EngineError, MediaKind
from hinode.engines.comfyui.graph import (
    Graph,
    WorkflowError,
    linked_node,
    split_target,
)
from hinode.engines.comfyui.guessing import rewriting_nodes
from hinode.engines.comfyui.picture_needs import settings_for_needs
from hinode.engines.comfyui.responses import OLDEST_VERSION, format_version
from hinode.engines.comfyui.server import ComfyUIServer
from hinode.engines.comfyui.server_factory import open_server
from hinode.engines.comfyui.settings import ComfyUISettings
from hinode.engines.comfyui.workflow import Workflow, load_workflow

_MAX_SHOWN = 60
_NUMBERS = frozenset({"INT", "FLOAT"})
_EXPECTED_TYPES: Mapping[str, frozenset[str]] = {
    "prompt": frozenset({"STRING"}),
    "negative_prompt": frozenset({"STRING"}),
    **dict.fromkeys(("seed", "width", "height", "frames"), frozenset({"INT"})),
    **dict.fromkeys(("seconds", "fps", "guidance_scale", "guidance_scale_2"), _NUMBERS),
    "num_inference_steps": frozenset({"INT"}),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A fact that a check found; with ``is_error`` the workflow cannot render as it is meant to.

    ``workflow`` is empty for what is said of the server. ``setting`` is the line of TOML that the
    workflow's table should have.
    """

    workflow: str
    message: str
    is_error: bool = True
    setting: str = ""


@dataclass(frozen=True, slots=True)
class EngineReport:
    """The result of the check of one engine; ``version`` is that of its server, if it tells."""

    engine: str
    url: str
    version: str
    findings: tuple[Finding, ...]

    @property
    def is_usable(self) -> bool:
        """Return whether nothing was found that is an error."""
        return not any(one.is_error for one in self.findings)


async def check_engine(name: str, settings: ComfyUISettings) -> EngineReport:
    """Check an engine's server and all of its workflows. Renders nothing."""
    findings: list[Finding] = []
    workflows = list(_loaded(settings, findings))
    version = ""
    try:
        server = open_server(name, settings)
        async with server.client.connected():
            found = await server.version()
            version = format_version(found)
            findings += _version_findings(found)
            for one in workflows:
                findings += await check_workflow(server, one)
    except EngineError as error:
        findings.append(Finding("", str(error)))
    return EngineReport(name, settings.url, version, tuple(findings))


def _loaded(settings: ComfyUISettings, findings: list[Finding]) -> Iterator[Workflow]:
    for name, given in settings.workflows.items():
        try:
            yield load_workflow(name, given)
        except WorkflowError as error:
            findings.append(Finding(name, str(error)))


def _version_findings(found: tuple[int, ...]) -> list[Finding]:
    if found >= OLDEST_VERSION:
        return []
    needed = format_version(OLDEST_VERSION)
    return [Finding("", f"It is ComfyUI {format_version(found) or '?'}; {needed} is needed.")]


async def check_workflow(server: ComfyUIServer, workflow: Workflow) -> list[Finding]:
    """Check a workflow against its server. Raises :class:`EngineError` if that is away."""
    classes = {node.class_type for node in workflow.graph.values()}
    infos = {one: await server.class_info(one) for one in sorted(classes)}
    return workflow_findings(workflow, infos)


def workflow_findings(workflow: Workflow, infos: Mapping[str, Mapping[str, Any]]) -> list[Finding]:
    """Return what the server's classes tell of a workflow; ``infos`` are those by name."""
    name, graph = workflow.name, workflow.graph
    bound = {target for targets in workflow.settings.bind.all().values() for target in targets}
    errors = [
        *_node_errors(graph, infos, bound),
        *_output_errors(workflow, infos),
    ]
    notes = [*_type_notes(workflow, infos), *_notes(workflow)]
    return [
        *(Finding(name, one) for one in errors),
        *_picture_findings(workflow, infos),
        *(Finding(name, one, is_error=False) for one in notes),
    ]


def _node_errors(
    graph: Graph, infos: Mapping[str, Mapping[str, Any]], bound: set[str]
) -> Iterator[str]:
    for node_id, node in graph.items():
        place = f"Node {node_id} ({node.class_type})"
        info = infos.get(node.class_type)
        if not info:
            yield f"{place}: the server has no such class; a package of nodes is missing there."
            continue
        required, declared = _declared(info, "required"), _all_declared(info)
        missing = sorted(set(required) - set(node.inputs))
        if missing:
            yield f"{place} lacks {', '.join(missing)}, which the server's class requires."
        for key, value in node.inputs.items():
            options = choices(declared.get(key))
            given = linked_node(value) is None and f"{node_id}.{key}" not in bound
            if given and options and value not in options:
                yield f"{place}: the server has no {key} {str(value)[:_MAX_SHOWN]!r}."


def _output_errors(workflow: Workflow, infos: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    info = infos.get(workflow.output_class)
    if info and not info.get("output_node"):
        yield f"Node {workflow.output} ({workflow.output_class}) is no output node of the server."


def _type_notes(workflow: Workflow, infos: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for binding, targets in workflow.settings.bind.all().items():
        expected = _EXPECTED_TYPES.get(binding)
        for target in targets if expected else ():
            node_id, key = split_target(target)
            declared = _all_declared(infos.get(workflow.graph[node_id].class_type) or {})
            found = input_type(declared.get(key))
            if found and expected and found not in expected:
                yield f"bind.{binding} names {target}, which takes {found}."


def _picture_findings(
    workflow: Workflow, infos: Mapping[str, Mapping[str, Any]]
) -> Iterator[Finding]:
    def is_optional(class_type: str, key: str) -> bool:
        return key in _declared(infos.get(class_type) or {}, "optional")

    for subject, name, value in settings_for_needs(workflow, is_optional):
        setting = f"{name} = {value}"
        message = f"It {subject}: set {setting}, or such requests fail when they are rendered."
        yield Finding(workflow.name, message, is_error=False, setting=setting)


def _notes(workflow: Workflow) -> Iterator[str]:
    bind = workflow.settings.bind
    if workflow.kind is MediaKind.VIDEO:
        if not (bind.frames or bind.seconds):
            yield "Neither frames nor seconds is bound: its length is always that of the file."
        if not bind.fps:
            yield "fps is not bound: its rate is always that of the file."
    if not (bind.width and bind.height):
        yield "width or height is not bound: its size is always that of the file."
    if not bind.seed:
        yield "seed is not bound: the same request makes the same again."
    yield from rewriting_nodes(workflow.graph)


def _declared(info: Mapping[str, Any], group: str) -> Mapping[str, Any]:
    inputs = info.get("input")
    found = inputs.get(group) if isinstance(inputs, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _all_declared(info: Mapping[str, Any]) -> dict[str, Any]:
    return {**_declared(info, "required"), **_declared(info, "optional")}


def choices(declared: Any) -> list[Any]:
    """Return the values that an input may have, as ``/object_info`` tells; empty for free ones."""
    if not isinstance(declared, list) or not declared:
        return []
    if isinstance(declared[0], list):
        return declared[0]
    more = declared[1] if len(declared) > 1 and isinstance(declared[1], Mapping) else {}
    options = more.get("options")
    return options if declared[0] == "COMBO" and isinstance(options, list) else []


def input_type(declared: Any) -> str:
    """Return the type of an input; empty where it has a list of values, or is not declared."""
    is_named = isinstance(declared, list) and declared and isinstance(declared[0], str)
    return declared[0] if is_named and declared[0] != "COMBO" else ""
