"""Guess the bindings of a workflow from the names of its inputs, and tell how sure each is.

Names of inputs agree more than classes of nodes do: whoever makes a node calls them as ComfyUI's
own nodes do. An operator confirms what is found.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from hinode.engines.comfyui.graph import (
    Graph,
    WorkflowError,
    ancestors,
    linked_node,
    split_target,
)
from hinode.engines.comfyui.picture_roles import guess_pictures
from hinode.engines.comfyui.tracing import (
    NEGATIVE_INPUTS,
    TEXT_INPUTS,
    is_number,
    number_target,
    text_target,
)
from hinode.engines.comfyui.workflow import PREFIX_INPUT, makes_video
from hinode.open_models.checkpoints import Checkpoint, find

_LENGTH_INPUTS = ("length", "num_frames", "video_frames", "frames", "frame_count")
_RATE_INPUTS = ("fps", "frame_rate")
_SEED_INPUTS = ("seed", "noise_seed")
_DURATION = re.compile(r"duration|second", re.I)
_ENHANCER = re.compile(r"enhanc|rewrit|textgenerate|llm|prompt.?expan", re.I)
_NEGATIVE_TITLE = re.compile(r"negative|负", re.I)


class Confidence(StrEnum):
    """The strength of a guess: by a link that says it, by a usual name, or for want of another."""

    SURE = "sure"
    LIKELY = "likely"
    GUESS = "guess"


@dataclass(frozen=True, slots=True)
class Guess:
    """A binding with its targets, and the reason for it."""

    binding: str
    targets: tuple[str, ...]
    confidence: Confidence
    reason: str


@dataclass(frozen=True, slots=True)
class GuessedWorkflow:
    """The bindings of a workflow; ``notes`` are what the operator should look at besides.

    ``has_model`` is False where no node was seen that takes a model or a conditioning: the operator
    must say what renders there.
    """

    output: str
    makes_video: bool
    has_model: bool
    guesses: tuple[Guess, ...]
    checkpoint: Checkpoint | None
    notes: tuple[str, ...]


def guess_workflow(graph: Graph, output: str | None = None) -> GuessedWorkflow:
    """Return what a workflow seems to be. Raises :class:`WorkflowError` without an output node."""
    output = output or _output(graph)
    if output not in graph:
        raise WorkflowError(f"There is no node {output}.")
    needed = ancestors(graph, output)
    video = makes_video(needed[output].class_type)
    found = [*_texts(needed), *_seed(needed), *_size(needed)]
    if video:
        found += [*_length(needed), *_rate(needed)]
    found += [
        Guess(role.binding, role.targets, Confidence(role.confidence), role.reason)
        for role in guess_pictures(needed, is_video=video)
    ]
    found += _sampling(needed)
    notes, checkpoint = tuple(_notes(graph, needed, found)), _checkpoint(needed)
    return GuessedWorkflow(output, video, _has_model(needed), tuple(found), checkpoint, notes)


def _output(graph: Graph) -> str:
    """Return the node that saves: of several the one that makes a video and needs most nodes."""
    saving = [one for one, node in graph.items() if PREFIX_INPUT in node.inputs]
    if not saving:
        raise WorkflowError(
            "It saves no file: end it with SaveVideo, VHS_VideoCombine or SaveImage."
        )
    return max(
        saving, key=lambda one: (makes_video(graph[one].class_type), len(ancestors(graph, one)))
    )


def _texts(graph: Graph) -> list[Guess]:
    found = []
    for binding, role in (("prompt", "positive"), ("negative_prompt", "negative")):
        traced = _traced_texts(graph, role)
        if traced:
            reason = f"feeds what a sampler takes as {role}"
            sure = Confidence.SURE if len(traced) == 1 else Confidence.LIKELY
            found.append(Guess(binding, traced[:1], sure, reason))
    if len(found) == 2 and found[0].targets == found[1].targets:
        found.pop()  # one text for both: the negative is made of it, or zeroed
    if not found or found[0].binding != "prompt":
        found[:0] = _texts_by_name(graph)
    return found


def _traced_texts(graph: Graph, role: str) -> tuple[str, ...]:
    names = (role, "text_embeds") if role == "negative" else (role, "conditioning", "text_embeds")
    found: dict[str, None] = {}
    for node in graph.values():
        for name in names:
            source = linked_node(node.inputs.get(name))
            target = text_target(graph, source, role) if source else None
            if target is not None and (role == "positive" or not _is_positive_only(target, name)):
                found[target] = None
    return tuple(found)


def _is_positive_only(target: str, name: str) -> bool:
    """Return whether an embedding of both texts has no negative one."""
    return name == "text_embeds" and split_target(target)[1] not in NEGATIVE_INPUTS


def _texts_by_name(graph: Graph) -> list[Guess]:
    found = [
        f"{node_id}.{name}"
        for name in TEXT_INPUTS
        for node_id, node in graph.items()
        if isinstance(node.inputs.get(name), str) and not _NEGATIVE_TITLE.search(node.title)
    ]
    if not found:
        return []
    sure = Confidence.LIKELY if len(found) == 1 else Confidence.GUESS
    return [Guess("prompt", (found[0],), sure, f"one of {len(found)} text(s) by its name")]


def _seed(graph: Graph) -> list[Guess]:
    inputs = [
        (node_id, name) for node_id, node in graph.items() for name in _SEED_INPUTS
        if name in node.inputs
    ]  # fmt: skip
    noisy = [one for one in inputs if graph[one[0]].inputs.get("add_noise") != "disable"]
    targets = _numbers(graph, noisy)
    if not targets:
        return []
    reason = "the sampler that adds the noise" if len(noisy) < len(inputs) else "by its name"
    sure = Confidence.SURE if len(targets) == 1 else Confidence.LIKELY
    return [Guess("seed", targets, sure, reason)]


def _size(graph: Graph) -> list[Guess]:
    sized = [one for one, node in graph.items() if {"width", "height"} <= set(node.inputs)]
    latents = [one for one in sized if any(key in graph[one].inputs for key in _LENGTH_INPUTS)]
    made = [one for one in sized if re.search(r"latent|empty", graph[one].class_type, re.I)]
    for nodes, confidence, reason in (
        (latents, Confidence.SURE, "beside the length"),
        (made, Confidence.LIKELY, "its class makes pictures"),
        (sized, Confidence.GUESS, "by its name"),
    ):
        found = [
            Guess(side, targets, confidence, reason)
            for side in ("width", "height")
            if nodes and (targets := _numbers(graph, [(one, side) for one in nodes]))
        ]
        if found:
            return found
    return []


def _length(graph: Graph) -> list[Guess]:
    inputs = [(one, name) for one, node in graph.items() for name in _LENGTH_INPUTS
              if name in node.inputs]  # fmt: skip
    inputs = [one for one in inputs if not isinstance(graph[one[0]].inputs[one[1]], str)]
    computed = _durations(graph, inputs)
    if computed:
        return [Guess("seconds", computed, Confidence.LIKELY, "the length is computed from it")]
    targets = _numbers(graph, inputs)
    if targets:
        sure = Confidence.SURE if len(targets) == 1 else Confidence.LIKELY
        return [Guess("frames", targets, sure, "by its name")]
    images = [(one, "batch_size") for one, node in graph.items() if "EmptyImage" in node.class_type]
    targets = _numbers(graph, images)
    return [Guess("frames", targets, Confidence.GUESS, "the pictures are the frames")] * bool(
        targets
    )


def _durations(graph: Graph, inputs: list[tuple[str, str]]) -> tuple[str, ...]:
    """Return the numbers called a duration that computed lengths come from."""
    found: dict[str, None] = {}
    for node_id, name in inputs:
        source = linked_node(graph[node_id].inputs[name])
        behind = ancestors(graph, source) if source is not None and source in graph else {}
        for one, node in behind.items():
            if _DURATION.search(node.title) and is_number(node.inputs.get("value")):
                found[f"{one}.value"] = None
    return tuple(found)


def _rate(graph: Graph) -> list[Guess]:
    inputs = [(one, name) for one, node in graph.items() for name in _RATE_INPUTS
              if name in node.inputs]  # fmt: skip
    targets = _numbers(graph, inputs)
    return [Guess("fps", targets, Confidence.SURE, "by its name")] if targets else []


def _sampling(graph: Graph) -> list[Guess]:
    found = []
    for binding, name in (("num_inference_steps", "steps"), ("guidance_scale", "cfg")):
        targets = _numbers(
            graph, [(one, name) for one, node in graph.items() if name in node.inputs]
        )
        if len(targets) == 1:
            found.append(Guess(binding, targets, Confidence.SURE, "by its name"))
    return found


def _numbers(graph: Graph, inputs: list[tuple[str, str]]) -> tuple[str, ...]:
    found = (number_target(graph, node_id, name) for node_id, name in inputs)
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _has_model(graph: Graph) -> bool:
    linked = any(linked_node(node.inputs.get("model")) for node in graph.values())
    return linked or bool(_traced_texts(graph, "positive"))


def _checkpoint(graph: Graph) -> Checkpoint | None:
    """Return the open-weight model whose file a node loads; None for none that is known."""
    names = [
        value for node in graph.values() for value in node.inputs.values()
        if isinstance(value, str) and value.endswith((".safetensors", ".gguf", ".sft"))
    ]  # fmt: skip
    return next((known for name in names if (known := find(name)) is not None), None)


def rewriting_nodes(graph: Graph) -> list[str]:
    """Return a note for each node that seems to change the prompt before it is used."""
    return [
        f"Node {one} ({node.class_type}) seems to rewrite the prompt; bind the prompt behind it to "
        "keep it as it is."
        for one, node in graph.items()
        if _ENHANCER.search(f"{node.class_type} {node.title}")
    ]


def _notes(graph: Graph, needed: Graph, found: list[Guess]) -> list[str]:
    notes = rewriting_nodes(needed)
    if not any(one.binding == "prompt" for one in found):
        notes.append("No prompt was found: name one as bind.prompt.")
    saving = [one for one, node in graph.items() if PREFIX_INPUT in node.inputs]
    if len(saving) > 1:
        notes.append(f"It saves at several nodes ({', '.join(saving)}); --output names another.")
    return notes
