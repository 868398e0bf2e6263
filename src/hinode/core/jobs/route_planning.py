"""Plan a request for each route of its model; a route that cannot meet it is left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from hinode.core.auth.types import Caller
from hinode.core.catalog.capabilities import (
    EngineCapabilities,
    Requirements,
    check_capabilities,
)
from hinode.core.catalog.rejections import unsupported
from hinode.core.catalog.types import Model, Route
from hinode.core.errors import HinodeError
from hinode.core.jobs.lifecycle import NewJob
from hinode.core.jobs.limits import check_model
from hinode.core.jobs.route_plans import RoutePlan, highest_price
from hinode.kit.frozen import with_changes
from hinode.media.types import ArtifactRole

Maker = Callable[[Model], NewJob]
"""Returns the job of a request with a model. Raises :class:`HinodeError`."""


@dataclass(frozen=True, slots=True)
class RoutePlanner:
    """Plans requests of a caller for the routes of a model.

    ``inherits_local_only``: what the request starts from must not leave the house.
    """

    caller: Caller
    capabilities: Mapping[str, EngineCapabilities]
    inherits_local_only: bool = False

    @property
    def _is_local_only(self) -> bool:
        return self.caller.limits.local_only or self.inherits_local_only

    def over_routes(
        self,
        model: Model,
        make: Maker,
        images: frozenset[ArtifactRole] = frozenset(),
        *,
        same_seed: bool = False,
        pictures: int = 0,
    ) -> NewJob:
        """Return the job of a request, planned for every route that can meet it.

        Its price is the highest of these routes. With ``same_seed``, for a request that names none,
        all have the seed of the first. ``pictures`` are counted as in :class:`Requirements`. Raises
        :class:`HinodeError` when none can meet it, or the caller may not use the model.
        """
        check_model(self.caller, model)
        planned: list[NewJob] = []
        errors: list[HinodeError] = []
        for route, own in self._allowed(model):
            try:
                planned.append(self._on_route(route, own, make, images, pictures))
            except HinodeError as error:
                errors.append(error)
        if not planned:
            raise _rejection(model, make, errors, is_whole=len(errors) == len(model.ways))
        new = _together(model, planned, same_seed=same_seed)
        return new.with_options(local_only=True) if self._is_local_only else new

    def _allowed(self, model: Model) -> list[tuple[Route, Model]]:
        """Return the routes that the caller's jobs may take.

        Raises :class:`HinodeError` when all lead out of the house and the request is local only.
        """
        if not self._is_local_only:
            return list(model.ways)
        inside = [one for one in model.ways if self._is_inside(one[0].engine)]
        if not inside:
            raise unsupported(
                f"{self._why_local_only()} local only, and every engine of {model.id} renders on a "
                "server outside of the house.",
                "model",
                "Use another model, or ask the operator.",
            )
        return inside

    def _why_local_only(self) -> str:
        if self.caller.limits.local_only:
            return "This account or API key is"
        return "The video or a character that this starts from is"

    def _is_inside(self, engine: str) -> bool:
        """Return whether an engine is known to keep pictures in the house."""
        known = self.capabilities.get(engine)
        return known is not None and not known.hosted

    def _on_route(
        self, route: Route, own: Model, make: Maker, images: frozenset[ArtifactRole], pictures: int
    ) -> NewJob:
        new = make(own)
        needs = Requirements(new.action, images, new.resolved.plan.outputs, pictures)
        check_capabilities(self.capabilities, own, needs)
        limit = route.credits_per_day
        if limit is not None and new.resolved.price > limit:
            raise unsupported(
                f"This request costs {new.resolved.price} credits; the engine behind {own.id} "
                f"renders for at most {limit} a day.",
                "model",
                "Use another model, or request fewer seconds or outputs.",
            )
        return new


def _together(model: Model, planned: Sequence[NewJob], *, same_seed: bool) -> NewJob:
    """Return the job of the best route with the plans of all routes, at the highest price."""
    first = planned[0]
    plans = [one.plans[0] for one in planned]
    if same_seed:
        plans = [_with_seed(one, first.resolved.plan.seed) for one in plans]
    resolved = with_changes(first.resolved, model=model, price=highest_price(plans))
    if len(plans) == 1 and resolved is first.resolved:
        return first
    return replace(first, resolved=resolved, routes=tuple(plans))


def _with_seed(route: RoutePlan, seed: int) -> RoutePlan:
    return with_changes(route, plan=with_changes(route.plan, seed=seed))


def _rejection(
    model: Model, make: Maker, errors: Sequence[HinodeError], *, is_whole: bool
) -> HinodeError:
    """Return the error of a request that no route can meet.

    Of several routes, that of all of them together, whose values are those that the model lists;
    values that no single one of them has together are refused as the first route does. Without
    ``is_whole`` the caller may not use all of them: the first one speaks.
    """
    first = errors[0]
    if len(errors) == 1 or not is_whole:
        return first
    try:
        make(model)
    except HinodeError as error:
        return error
    message = f"No engine of {model.id} renders all of this together. {first.message}"
    return HinodeError(first.code, message, param=first.param, hint=first.hint)
