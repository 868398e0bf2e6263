"""The part that all providers share whom people pay: limits of models, pictures, rejections."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from hinode.engines.base import JSON, Capabilities, JobAction, MediaKind, Parameter, RenderSpec
from hinode.engines.hosted.pictures import data_url
from hinode.engines.hosted.provider import COST, CREDITS, ID, URLS, Call, TicketData
from hinode.engines.hosted.responses import (
    Patterns,
    job_failure,
    no_job,
    poll_body,
    poll_error,
    rejection,
)
from hinode.engines.hosted.settings import ProviderSettings
from hinode.engines.remote.errors import FailureKind, UpstreamError
from hinode.engines.remote.factory import bearer
from hinode.engines.remote.http import InvalidResponse, UpstreamResponse
from hinode.engines.remote.parameters import parameter_fields
from hinode.engines.remote.polling import PollResult, RemoteStatus, parse_status
from hinode.engines.remote.retries import validate_remote_id
from hinode.hosted_models.types import Ability, Canvas, HostedModel, find_model
from hinode.media.size import Size

_ABILITIES = {
    Parameter.NEGATIVE_PROMPT: Ability.NEGATIVE_PROMPT,
    Parameter.GENERATE_AUDIO: Ability.SOUND,
    Parameter.SEED: Ability.SEED,
}
_HIGHEST_COST = 2**53
_DIGITS = 6
"""Decimal places of credits that count: 0.1 three times over is no more than 0.3."""
_PARAMETERS = frozenset({Parameter.STYLE, Parameter.LAST_FRAME, *_ABILITIES})


class PaidProvider:
    """Base of the providers: each adds ``create``, ``read`` and what it stops with.

    ``title`` is its name for people, ``known_errors`` are its codes and messages,
    ``max_image_bytes`` is the largest picture, ``parameter_names`` are its names for the generation
    parameters.
    """

    title: ClassVar[str]
    known_errors: ClassVar[Patterns]
    max_image_bytes: ClassVar[int]
    parameter_names: ClassVar[Mapping[Parameter, str]] = {}
    last_frame_needs_first: ClassVar[bool] = True
    parameters: ClassVar[frozenset[Parameter]] = _PARAMETERS
    idempotent = False

    def __init__(self, settings: ProviderSettings) -> None:
        self.settings = settings

    def capabilities(self) -> Capabilities:
        """Return the capabilities: one video at a time, no remix, edit or extension."""
        general, settings = self._any_model(), self.settings
        models = {one.name: self._of_model(general, one) for one in settings.known_models}
        if settings.model in models:
            models[""] = models[settings.model]
        return replace(general, models=models)

    def _of_model(self, general: Capabilities, model: HostedModel) -> Capabilities:
        """Return the capabilities for a known model, and the one of its family for pictures."""
        from_picture = find_model(self.settings.known_models, model.with_picture) or model
        both = model.abilities & from_picture.abilities
        lacking = {name for name, ability in _ABILITIES.items() if ability not in both}
        if Ability.LAST_FRAME not in from_picture.abilities:
            lacking.add(Parameter.LAST_FRAME)
        return replace(
            general,
            first_frame=Ability.FIRST_FRAME in from_picture.abilities,
            needs_picture=Ability.TEXT not in model.abilities,
            parameters=(self.parameters - lacking) | self.settings.named_parameters,
        )

    def _any_model(self) -> Capabilities:
        settings = self.settings
        return Capabilities(
            kinds=frozenset({MediaKind.VIDEO}),
            first_frame=True,
            audio=True,
            description=settings.description or f"Renders at {self.title}, which bills for it.",
            licence=settings.licence or f"as {self.title} says",
            origin=settings.provenance_origin,
            actions=frozenset({JobAction.CREATE}),
            max_outputs=1,
            can_resubmit=False,
            exact_output=False,
            parameters=self.parameters | settings.named_parameters,
            extra_params=frozenset(settings.extra_params),
            hosted=settings.hosted is not False,
            last_frame_needs_first=self.last_frame_needs_first,
        )

    def headers(self, secret: str) -> Mapping[str, str]:
        """Return the bearer token."""
        return bearer(secret)

    def accepted(self, response: UpstreamResponse, spec: RenderSpec) -> TicketData:
        """Return the ticket. Raises :class:`UpstreamError` for anything else than a new job."""
        if not response.ok:
            raise self.rejection(response)
        try:
            body = response.json()
        except InvalidResponse as error:
            raise UpstreamError(FailureKind.UNCERTAIN, status=response.status) from error
        return {ID: validate_remote_id(self.job_id(body), response.status), **self.more(spec)}

    def job_id(self, body: Mapping[str, Any]) -> object:
        """Return the id in the response to a create."""
        return body.get("id")

    def more(self, spec: RenderSpec) -> Mapping[str, JSON]:
        """Return what else belongs into the ticket, to find the job there."""
        return {}

    def rejection(self, response: UpstreamResponse) -> UpstreamError:
        """Return the failure that a response without a job means."""
        return rejection(response, self.known_errors)

    def rejected(self, response: UpstreamResponse) -> bool:
        """Return whether a response to a create says that nothing was created."""
        return not response.ok and self.rejection(response).not_accepted

    def may_resend(self, response: UpstreamResponse) -> bool:
        """Return whether it only wants to be asked more slowly."""
        busy = self.rejection(response).failure_kind is FailureKind.BUSY
        return response.status == 429 and busy

    def poll_result(self, response: UpstreamResponse, ticket: TicketData) -> PollResult:
        """Return what a status means. Raises ``PollError`` for trouble that may pass."""
        if not response.ok:
            raise poll_error(response, self.rejection(response))
        result = self.read(poll_body(response), ticket)
        return replace(result, retry_after=response.retry_after)

    def follow(self, ticket: TicketData) -> Call | None:
        """Return None: the status of a completed job has its result."""
        return None

    def followed(self, response: UpstreamResponse, ticket: TicketData) -> PollResult:
        """Raise ``NotImplementedError``: only a provider with ``follow`` is asked."""
        raise NotImplementedError

    def read(self, body: Mapping[str, Any], ticket: TicketData) -> PollResult:
        """Return what the body of a poll means."""
        raise NotImplementedError

    def result(
        self,
        word: object,
        urls: Sequence[object] = (),
        *,
        error: tuple[object, object] = ("", ""),
        cost: object = None,
        progress: float = 0.0,
    ) -> PollResult:
        """Return the result of a poll; ``error`` are the code and the reason of a failure.

        Raises ``PollError`` where the word is no status.
        """
        status = parse_status(word)
        if status is None:
            raise no_job()
        failed = status is RemoteStatus.FAILED
        failure = job_failure(*error, self.known_errors) if failed else None
        found = [one for one in urls if isinstance(one, str)]
        amount = cost if isinstance(cost, int | float) and 0 <= cost < _HIGHEST_COST else None
        told = None if amount is None else round(amount)
        details = {URLS: found, COST: told, CREDITS: self._credits(amount)}
        return PollResult(status, progress, None, failure, details)

    def _credits(self, cost: float | None) -> int | None:
        """Return a cost there in our credits, rounded up; None where nothing says it."""
        per_unit = self.settings.credits_per_unit
        if per_unit is None or cost is None:
            return None
        return math.ceil(round(cost * per_unit, _DIGITS))

    def model_name(self, spec: RenderSpec) -> str:
        """Return the provider's name of the model; with a first frame that of its family for these.

        Raises :class:`UpstreamError` without a model.
        """
        name = spec.model or self.settings.model or spec.catalog_model
        if not name:
            raise UpstreamError(FailureKind.INVALID_REQUEST, "It was given no model.")
        found = find_model(self.settings.known_models, name)
        if spec.first_frame is not None and found is not None and found.with_picture:
            return found.with_picture
        return name

    def model(self, spec: RenderSpec) -> HostedModel | None:
        """Return the facts of the model; None for one that is not known."""
        return find_model(self.settings.known_models, self.model_name(spec))

    def fields(self, spec: RenderSpec) -> dict[str, Any]:
        """Return the parameters that the request names and the model takes, and its seed."""
        model, fields = self.model(spec), parameter_fields(spec, self.parameter_names)
        for parameter in self._lacking(model):
            fields.pop(self.parameter_names.get(parameter, parameter.value), None)
        if model is not None and Ability.SEED in model.abilities:
            fields[self.parameter_names.get(Parameter.SEED, "seed")] = spec.seed % 2**31
        return {**self.settings.extra, **fields, **spec.parameters.extra_params}

    def _lacking(self, model: HostedModel | None) -> list[Parameter]:
        """Return the parameters that a known model does not take, nor the operator names."""
        named = self.settings.named_parameters
        abilities = ~Ability(0) if model is None else model.abilities
        return [
            name
            for name, ability in _ABILITIES.items()
            if ability not in abilities and name not in named
        ]

    def picture(self, spec: RenderSpec, *, last: bool = False) -> str | None:
        """Return the first or the last frame as a ``data:`` URL; None without one."""
        picture = spec.last_frame if last else spec.first_frame
        if picture is None:
            return None
        return data_url(picture, spec.width, spec.height, self.max_image_bytes)


def member(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return an object in a body; an empty one where there is none."""
    found = body.get(name)
    return found if isinstance(found, Mapping) else {}


def check_inputs(spec: RenderSpec, model: HostedModel | None) -> None:
    """Raise :class:`UpstreamError` for an input that the model does not take."""
    if spec.last_frame is not None and spec.first_frame is None:
        raise refused("It takes a last frame only with a first frame.")
    if model is None:
        return
    if spec.first_frame is None and Ability.TEXT not in model.abilities:
        raise refused(f"{model.name} needs a picture as a first frame.")
    if spec.first_frame is not None and Ability.FIRST_FRAME not in model.abilities:
        raise refused(f"{model.name} takes no picture as a first frame.")
    if spec.last_frame is not None and Ability.LAST_FRAME not in model.abilities:
        raise refused(f"{model.name} takes no picture as a last frame.")


def size_names(spec: RenderSpec, model: HostedModel | None) -> tuple[str, ...]:
    """Return the fields that name the size; of a model that is not known: ratio and resolution."""
    if model is None:
        return ("ratio", "resolution")
    return model.text_size if spec.first_frame is None else model.image_size


def seconds_of(spec: RenderSpec, model: HostedModel | None) -> int:
    """Return the length to ask for. Raises :class:`UpstreamError` for one that it cannot make."""
    if model is None:
        return max(1, round(spec.seconds))
    seconds = model.fitted_seconds(spec.seconds)
    if seconds is None:
        lengths = ", ".join(map(str, model.seconds))
        raise refused(f"{model.name} makes videos of {lengths} seconds, not of {spec.seconds:g}.")
    return seconds


def canvas_of(spec: RenderSpec, model: HostedModel | None) -> Canvas:
    """Return the size to ask for. Raises :class:`UpstreamError` for one that it cannot make.

    A model that is not known is asked for the pixels.
    """
    size = Size(spec.width, spec.height)
    if model is None:
        return Canvas(size, f"{size.width}:{size.height}", f"{size.short_side}p")
    found = model.canvas(size)
    if found is None:
        sizes = ", ".join(str(one.size) for one in model.canvases)
        raise refused(f"{model.name} makes videos of {sizes}, not of {size}.")
    return found


def refused(reason: str) -> UpstreamError:
    """Return the failure of a request that is not sent."""
    return UpstreamError(FailureKind.INVALID_REQUEST, reason)
