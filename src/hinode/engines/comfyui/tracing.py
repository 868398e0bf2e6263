"""Follow the links of a workflow, back to the values that feed an input, and on to what uses it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hinode.engines.comfyui.graph import Graph, linked_node

TEXT_INPUTS = ("text", "prompt", "positive_prompt", "string", "value", "text_positive")
NEGATIVE_INPUTS = ("negative_prompt", "text_negative")
_PRIMITIVE_INPUTS = ("value", "int", "float", "number", "seed", "noise_seed", "text", "string")
_MAX_STEPS = 200


def is_number(value: Any) -> bool:
    """Return whether a value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def number_target(graph: Graph, node_id: str, name: str) -> str | None:
    """Return the target whose number an input has: its own, or that of a node that holds one.

    None for an input that is computed.
    """
    value = graph[node_id].inputs.get(name)
    if is_number(value):
        return f"{node_id}.{name}"
    source = linked_node(value)
    if source is None or source not in graph:
        return None
    held = [key for key in _PRIMITIVE_INPUTS if is_number(graph[source].inputs.get(key))]
    links = [key for key, one in graph[source].inputs.items() if linked_node(one) is not None]
    return f"{source}.{held[0]}" if len(held) == 1 and not links else None


def text_target(graph: Graph, node_id: str, role: str) -> str | None:
    """Return the target of the text behind a conditioning; ``role`` is positive or negative."""
    seen: set[str] = set()
    pending = [node_id]
    while pending and len(seen) < _MAX_STEPS:
        one = pending.pop(0)
        if one in seen or one not in graph:
            continue
        seen.add(one)
        found = _own_text(graph, one, role)
        if found is not None:
            return found
        pending += _toward_text(graph, one, role)
    return None


def _own_text(graph: Graph, node_id: str, role: str) -> str | None:
    names = NEGATIVE_INPUTS if role == "negative" else ()
    inputs = graph[node_id].inputs
    for name in (*names, *TEXT_INPUTS):
        if isinstance(inputs.get(name), str):
            return f"{node_id}.{name}"
    return None


def _toward_text(graph: Graph, node_id: str, role: str) -> list[str]:
    """Return the nodes to look at next: through texts, else through conditionings of the role."""
    inputs = graph[node_id].inputs
    linked = {name: linked_node(value) for name, value in inputs.items()}
    texts = [linked[name] for name in TEXT_INPUTS if linked.get(name)]
    if texts:
        return [one for one in texts if one]
    if linked.get(role):
        return [one for one in (linked[role],) if one]
    names = [name for name in linked if name.startswith(("conditioning", "guider", "text_embeds"))]
    return [one for one in (linked[name] for name in names) if one]


def users(graph: Graph, node_id: str) -> Iterator[tuple[str, str]]:
    """Yield the nodes that use what a node gives, and by which input."""
    for other, node in graph.items():
        for name, value in node.inputs.items():
            if linked_node(value) == node_id:
                yield other, name
