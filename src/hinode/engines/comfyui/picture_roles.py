"""Guess which picture of a workflow is its first frame, its last one, or a reference."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hinode.engines.comfyui.graph import Graph
from hinode.engines.comfyui.tracing import users

_FIRST = re.compile(r"^(start|first|init)_?(image|frame)s?$|^clip_vision_(start_image|output)$")
_LAST = re.compile(r"^(end|last)_?(image|frame)s?$|^clip_vision_end_image$")
_REFERENCE = re.compile(r"ref(erence)?_?(image|latent)?")
_TO_VIDEO = re.compile(r"(image|img).*(to|2).*vid|i2v", re.I)
_MAX_STEPS = 100


@dataclass(frozen=True, slots=True)
class PictureRole:
    """A binding of pictures, and how sure it is: sure, likely or guess."""

    binding: str
    targets: tuple[str, ...]
    confidence: str
    reason: str


def guess_pictures(graph: Graph, *, is_video: bool) -> list[PictureRole]:
    """Return the bindings of the pictures that a workflow loads."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for node_id, node in graph.items():
        if "LoadImage" in node.class_type and isinstance(node.inputs.get("image"), str):
            binding, confidence, reason = _role(graph, node_id, is_video=is_video)
            found.setdefault(binding, []).append((f"{node_id}.image", confidence, reason))
    return [
        PictureRole(
            binding, tuple(target for target, _, _ in ones), ones[0][1], ones[0][2]
        )
        for binding, ones in found.items()
    ]  # fmt: skip


def _role(graph: Graph, node_id: str, *, is_video: bool) -> tuple[str, str, str]:
    """Return binding, confidence and reason, by the inputs that take the picture on its way."""
    seen, pending = {node_id}, [node_id]
    into_video = ""
    while pending and len(seen) < _MAX_STEPS:
        for user, name in users(graph, pending.pop(0)):
            for binding, names in (
                ("first_frame", _FIRST), ("last_frame", _LAST), ("references", _REFERENCE),
            ):  # fmt: skip
                if names.search(name):
                    return binding, "sure", f"it becomes {name} of {graph[user].class_type}"
            if _TO_VIDEO.search(graph[user].class_type):
                into_video = into_video or graph[user].class_type
            if user not in seen:
                seen.add(user)
                pending.append(user)
    if into_video:
        return "first_frame", "likely", f"{into_video} takes it"
    return ("first_frame" if is_video else "references"), "guess", "it is loaded"
