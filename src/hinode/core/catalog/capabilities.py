"""Check a request against the capabilities of the model's engines before a job is created."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hinode.core.catalog.types import Model
from hinode.core.errors import ErrorCode, HinodeError
from hinode.media.types import JobAction, MediaKind

_ACTIONS = {
    JobAction.CREATE: "new videos",
    JobAction.REMIX: "remixes",
    JobAction.EDIT: "edits",
    JobAction.EXTENSION: "extensions",
}


@dataclass(frozen=True, slots=True)
class EngineCapabilities:
    """Capabilities that an engine declares: see :class:`hinode.engines.base.Capabilities`.

    A copy, because the core does not import engines.
    """

    kinds: frozenset[MediaKind]
    actions: frozenset[JobAction]
    first_frame: bool
    max_outputs: int


@dataclass(frozen=True, slots=True)
class Requirements:
    """Requirements of a request on an engine that the rules of its model do not cover."""

    action: JobAction
    first_frame: bool
    outputs: int


def check_capabilities(
    capabilities: Mapping[str, EngineCapabilities], model: Model, requirements: Requirements
) -> None:
    """Raise :class:`HinodeError` for a requirement that an engine of the model does not meet.

    A job may be routed to any of the model's engines, so each must meet all of them. Engines that
    only another server has are missing in ``capabilities`` and are not checked.
    """
    for engine in (capabilities[name] for name in model.engine_names if name in capabilities):
        if model.kind not in engine.kinds:
            raise _unsupported(model, f"{model.kind}s", "model")
        if requirements.action not in engine.actions:
            raise _unsupported(model, _ACTIONS[requirements.action], "model")
        if requirements.first_frame and not engine.first_frame:
            raise _unsupported(model, "videos from a first frame", "input_reference")
        if requirements.outputs > engine.max_outputs:
            outputs = f"more than {engine.max_outputs} output(s) of one request"
            raise _unsupported(model, outputs, "n")


def _unsupported(model: Model, what: str, param: str) -> HinodeError:
    return HinodeError(
        ErrorCode.UNSUPPORTED_VALUE,
        f"The engine behind {model.id} cannot make {what}.",
        param=param,
        hint="Use another model.",
    )
