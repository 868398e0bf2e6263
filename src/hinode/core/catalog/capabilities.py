"""Check a request against the capabilities of the model's engines before a job is created."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hinode.core.catalog.rejections import unsupported
from hinode.core.catalog.types import Model
from hinode.core.errors import ErrorCode, HinodeError
from hinode.media.parameters import MAX_LORAS, Parameter
from hinode.media.post_steps import PostStep
from hinode.media.types import ArtifactRole, JobAction, MediaKind

_ALL_PARAMETERS = frozenset(Parameter)
_POST_STEPS = tuple((one, one.parameter) for one in PostStep)
_ACTIONS = {
    JobAction.CREATE: "new videos",
    JobAction.REMIX: "remixes",
    JobAction.EDIT: "edits",
    JobAction.EXTENSION: "extensions",
}


@dataclass(frozen=True, slots=True)
class EngineCapabilities:
    """Capabilities that an engine declares: see :class:`hinode.engines.base.Capabilities`.

    A copy, because the core does not import engines. Workers publish it as JSON. ``models`` are
    those for names of its server's models that differ, the empty one for models that name none.
    """

    description: str
    licence: str
    audio: bool
    kinds: frozenset[MediaKind]
    actions: frozenset[JobAction]
    first_frame: bool
    max_outputs: int
    parameters: frozenset[Parameter] = frozenset()
    extra_params: frozenset[str] = frozenset()
    max_loras: int = 1
    hosted: bool = False
    needs_picture: bool = False
    needs_last_frame: bool = False
    last_frame_needs_first: bool = False
    max_pictures: int | None = None
    models: Mapping[str, EngineCapabilities] = field(default_factory=dict)

    def at(self, upstream: str | None) -> EngineCapabilities:
        """Return those for a model by its name at the engine's server."""
        return self.models.get(upstream or "", self)


@dataclass(frozen=True, slots=True)
class ParameterSupport:
    """The generation parameters that every engine of a model takes; None: any extra ones."""

    parameters: frozenset[Parameter]
    extra_params: frozenset[str] | None
    max_loras: int

    def takes_extra(self, name: str) -> bool:
        """Return whether an extra parameter is taken."""
        return self.extra_params is None or name in self.extra_params


@dataclass(frozen=True, slots=True)
class Requirements:
    """Requirements of a request on an engine that the rules of its model do not cover.

    ``images`` are the roles of its input images. ``pictures`` is the number of references of a
    video, or of pictures that an image is made from, as far as they are known yet.
    """

    action: JobAction
    images: frozenset[ArtifactRole]
    outputs: int
    pictures: int = 0


def check_capabilities(
    capabilities: Mapping[str, EngineCapabilities], model: Model, requirements: Requirements
) -> None:
    """Raise :class:`HinodeError` for a requirement that an engine of the model does not meet.

    A job may be routed to any of the model's engines, so each must meet all of them. Engines that
    only another server has are missing in ``capabilities`` and are not checked.
    """
    for engine in _declared(capabilities, model):
        if model.kind not in engine.kinds:
            raise _unsupported(model, f"{model.kind}s", "model")
        if requirements.action not in engine.actions:
            raise _unsupported(model, _ACTIONS[requirements.action], "model")
        _check_images(model, engine, requirements)
        if requirements.outputs > engine.max_outputs:
            outputs = f"more than {engine.max_outputs} output(s) of one request"
            raise _unsupported(model, outputs, "n")


def parameter_support(
    capabilities: Mapping[str, EngineCapabilities], model: Model
) -> ParameterSupport:
    """Return what all engines of the model take; all that there is for unknown engines.

    No LoRA is taken for a model without a list of them, and no step after the render that the
    operator does not offer.
    """
    engines = _declared(capabilities, model)
    parameters = _ALL_PARAMETERS.intersection(*(one.parameters for one in engines))
    if not model.loras:
        parameters -= {Parameter.LORA}
    parameters -= {name for step, name in _POST_STEPS if step not in model.post_steps}
    extra = [one.extra_params for one in engines]
    return ParameterSupport(
        parameters,
        frozenset.intersection(*extra) if extra else None,
        min((one.max_loras for one in engines), default=MAX_LORAS),
    )


def _declared(
    capabilities: Mapping[str, EngineCapabilities], model: Model
) -> list[EngineCapabilities]:
    """Return what is known of the model's engines, each for its name of the model."""
    ways = [(route.engine, own.upstream) for route, own in model.ways]
    return [capabilities[name].at(upstream) for name, upstream in ways if name in capabilities]


def _check_images(model: Model, engine: EngineCapabilities, required: Requirements) -> None:
    images = required.images
    _check_starting_picture(model, engine, required)
    _check_number(model, engine, required)
    if model.kind is MediaKind.IMAGE:
        if ArtifactRole.UPLOAD in images and engine.max_pictures == 0:
            raise _unsupported(model, "images from pictures", "image")
        return
    if ArtifactRole.UPLOAD in images and not (engine.first_frame and model.first_frame):
        raise _unsupported(model, "videos from a first frame", "input_reference")
    if ArtifactRole.LAST_FRAME in images and Parameter.LAST_FRAME not in engine.parameters:
        raise _unsupported(model, "videos that end on an image", Parameter.LAST_FRAME.value)
    _check_last_frame(model, engine, required)
    if ArtifactRole.REFERENCE in images and Parameter.REFERENCE_IMAGES not in engine.parameters:
        name = Parameter.REFERENCE_IMAGES.value
        raise _unsupported(model, "videos from reference images", name)


def _check_number(model: Model, engine: EngineCapabilities, required: Requirements) -> None:
    """Reject more pictures than the engine takes; none at all is told with more words."""
    most = engine.max_pictures
    if most and required.pictures > most:
        is_image = model.kind is MediaKind.IMAGE
        name = "image" if is_image else Parameter.REFERENCE_IMAGES.value
        message = f"The engine behind {model.id} takes at most {most} pictures of this kind."
        raise unsupported(message, name, "Send fewer, or use another model.")


def _check_last_frame(model: Model, engine: EngineCapabilities, required: Requirements) -> None:
    """Reject a new video that lacks the last frame which its engine needs."""
    lacks = ArtifactRole.LAST_FRAME not in required.images
    if engine.needs_last_frame and lacks and required.action is JobAction.CREATE:
        message = f"The engine behind {model.id} makes only videos that end on an image."
        raise unsupported(
            message, Parameter.LAST_FRAME.value, "Send a last frame with it, or use another model."
        )


def _check_starting_picture(
    model: Model, engine: EngineCapabilities, required: Requirements
) -> None:
    """Reject a new video or image that lacks the picture which its engine needs."""
    if required.action is not JobAction.CREATE or ArtifactRole.UPLOAD in required.images:
        return
    is_image = model.kind is MediaKind.IMAGE
    name, what = ("image", "picture to change") if is_image else ("input_reference", "first frame")
    if engine.needs_picture:
        message = f"The engine behind {model.id} makes nothing of a prompt alone."
        raise unsupported(message, name, f"Send a {what} with it, or use another model.")
    if ArtifactRole.LAST_FRAME in required.images and engine.last_frame_needs_first:
        message = f"The engine behind {model.id} ends a video on an image only if it starts on one."
        raise unsupported(message, Parameter.LAST_FRAME.value, f"Send a {what} as well.")


def _unsupported(model: Model, what: str, param: str) -> HinodeError:
    return HinodeError(
        ErrorCode.UNSUPPORTED_VALUE,
        f"The engine behind {model.id} cannot make {what}.",
        param=param,
        hint="Use another model.",
    )
