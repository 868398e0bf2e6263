"""Workflows as graphs of nodes: parsed from ComfyUI's API format, followed and cut; pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

MAX_BYTES = 4 * 2**20

OptionalInput = Callable[[str, str], bool]
"""Returns whether a class of nodes can do without an input of that name."""


class WorkflowError(Exception):
    """A workflow cannot be used; the message says why, and what would do."""


@dataclass(frozen=True, slots=True)
class Node:
    """One node: its class, and its inputs, which are values or links."""

    class_type: str
    inputs: dict[str, Any]
    title: str = ""


Graph = Mapping[str, Node]


def parse_graph(data: bytes) -> dict[str, Node]:
    """Return the nodes of a file in API format. Raises :class:`WorkflowError`."""
    if len(data) > MAX_BYTES:
        raise WorkflowError(f"It has more than {MAX_BYTES // 2**20} MB.")
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise WorkflowError("It is no JSON.") from None
    if not isinstance(found, dict):
        raise WorkflowError("It is no workflow: its JSON is no object.")
    _refuse_other_formats(found)
    if not found:
        raise WorkflowError("It has no nodes.")
    return {node_id: _node(node_id, one) for node_id, one in found.items()}


def _refuse_other_formats(found: dict[str, Any]) -> None:
    if isinstance(found.get("nodes"), list):
        raise WorkflowError(
            "It is in ComfyUI's UI format, which its server does not run; save it with "
            '"Export (API)" in the menu "Workflow".'
        )
    if isinstance(found.get("prompt"), dict) and "class_type" not in found["prompt"]:
        raise WorkflowError(
            'It is a whole request; keep only what is in "prompt", or use "Export (API)".'
        )


def _node(node_id: str, found: Any) -> Node:
    if (
        not isinstance(found, dict)
        or not isinstance(found.get("class_type"), str)
        or not isinstance(found.get("inputs"), dict)
    ):
        raise WorkflowError(
            f"It is not in API format: node {node_id[:40]} has no class_type and inputs; save it "
            'with "Export (API)".'
        )
    meta = found.get("_meta")
    title = meta.get("title") if isinstance(meta, dict) else ""
    return Node(found["class_type"], found["inputs"], title if isinstance(title, str) else "")


def to_request(graph: Graph) -> dict[str, Any]:
    """Return the graph as the server takes it."""
    return {
        node_id: {"class_type": node.class_type, "inputs": node.inputs}
        for node_id, node in graph.items()
    }


def split_target(target: str) -> tuple[str, str]:
    """Return the node and the input of ``NODE.INPUT``; names of inputs may have dots."""
    node_id, _, name = target.partition(".")
    return node_id, name


def linked_node(value: Any) -> str | None:
    """Return the node that an input is linked to; None for a value."""
    if isinstance(value, list) and len(value) == 2 and isinstance(value[1], int):
        return str(value[0])
    return None


def sources(node: Node) -> Iterator[str]:
    """Yield the nodes that a node takes something from."""
    for value in node.inputs.values():
        linked = linked_node(value)
        if linked is not None:
            yield linked


def ancestors(graph: Graph, output: str) -> dict[str, Node]:
    """Return the nodes that an output needs, itself among them, in their order."""
    needed, pending = {output}, [output]
    while pending:
        found = {one for one in sources(graph[pending.pop()]) if one in graph} - needed
        needed |= found
        pending += found
    return {node_id: node for node_id, node in graph.items() if node_id in needed}


def descendants(graph: Graph, starts: Collection[str]) -> set[str]:
    """Return the nodes that take something from these, over any number of steps."""
    found: set[str] = set()
    pending = list(starts)
    while pending:
        one = pending.pop()
        more = {node_id for node_id, node in graph.items() if one in sources(node)} - found
        found |= more
        pending += more
    return found


def with_values(graph: Graph, values: Mapping[str, Any]) -> dict[str, Node]:
    """Return a copy with other values at targets."""
    copy = {node_id: deepcopy(node) for node_id, node in graph.items()}
    for target, value in values.items():
        node_id, name = split_target(target)
        if node_id in copy:
            copy[node_id].inputs[name] = value
    return copy


def without_nodes(
    graph: Graph, removed: Collection[str], output: str, is_optional: OptionalInput
) -> dict[str, Node] | None:
    """Return a copy without nodes, and without those that cannot do without them.

    None when the output is one of these.
    """
    copy = {node_id: deepcopy(node) for node_id, node in graph.items()}
    pending = [one for one in removed if one in copy]
    while pending:
        gone = pending.pop()
        copy.pop(gone, None)
        for node_id, node in copy.items():
            if not _drop_links(node, gone, is_optional) and node_id not in pending:
                pending.append(node_id)
    return ancestors(copy, output) if output in copy else None


def _drop_links(node: Node, gone: str, is_optional: OptionalInput) -> bool:
    """Remove a node's links to one that is gone; False if it cannot do without."""
    for name in [name for name, value in node.inputs.items() if linked_node(value) == gone]:
        if not is_optional(node.class_type, name):
            return False
        del node.inputs[name]
    return True
