"""What the engines behind models can do, so that what none could render is refused at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hinode.media.kinds import JobAction, MediaKind
from hinode.studio.catalog.types import Model
from hinode.studio.errors import ErrorCode, StudioError

_ACTIONS = {
    JobAction.CREATE: "new videos",
    JobAction.REMIX: "remixes",
    JobAction.EDIT: "edits",
    JobAction.EXTENSION: "extensions",
}


@dataclass(frozen=True, slots=True)
class Ability:
    """What an engine declares of itself: see :class:`hinode.engines.base.Capabilities`."""

    kinds: frozenset[MediaKind]
    actions: frozenset[JobAction]
    first_frame: bool
    max_outputs: int


@dataclass(frozen=True, slots=True)
class Demand:
    """What a request asks of an engine, beside its model's rules."""

    action: JobAction
    first_frame: bool
    outputs: int


def check_ability(abilities: Mapping[str, Ability], model: Model, demand: Demand) -> None:
    """Raise :class:`StudioError` for what an engine of the model cannot do.

    A job may go to any of the model's engines, so each must be able; engines that are not known
    here, because another server has them, are taken at the model's word.
    """
    names = [route.engine for route in model.routes] or [model.engine]
    for ability in (abilities[name] for name in names if name in abilities):
        if model.kind not in ability.kinds:
            raise _refused(model, f"{model.kind}s", "model")
        if demand.action not in ability.actions:
            raise _refused(model, _ACTIONS[demand.action], "model")
        if demand.first_frame and not ability.first_frame:
            raise _refused(model, "videos from a first frame", "input_reference")
        if demand.outputs > ability.max_outputs:
            outputs = f"more than {ability.max_outputs} output(s) of one request"
            raise _refused(model, outputs, "n")


def _refused(model: Model, what: str, param: str) -> StudioError:
    return StudioError(
        ErrorCode.UNSUPPORTED_VALUE,
        f"The engine behind {model.id} cannot make {what}.",
        param=param,
        hint="Use another model, or leave it out.",
    )
