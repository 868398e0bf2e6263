"""A request as each of its model's routes would render it, and the JSON of it in the database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from hinode.core.catalog.types import RenderPlan
from hinode.core.jobs.options import JobOptions, load_parameters
from hinode.core.jobs.types import Job
from hinode.media.types import Shot, Style


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """A request as one engine would render it, and its price there.

    ``upstream`` is the model's name at the engine's server; None: the engine's own default.
    ``options`` differ between routes in what the engine takes and in counts of frames only.
    """

    engine: str
    upstream: str | None
    plan: RenderPlan
    price: int
    options: JobOptions

    def applied_to(self, job: Job) -> Job:
        """Return the job as this route renders it."""
        return replace(
            job,
            engine=self.engine,
            upstream=self.upstream,
            plan=self.plan,
            route_price=self.price,
            options=self.options,
        )


def highest_price(routes: Sequence[RoutePlan]) -> int:
    """Return the price to hold: the job may be rendered by any of the routes."""
    return max(one.price for one in routes)


def dump_routes(routes: Sequence[RoutePlan]) -> str | None:
    """Return the routes as JSON; None for a single one, which the job's row has."""
    if len(routes) < 2:
        return None
    return json.dumps([_dump(one) for one in routes], ensure_ascii=False)


def load_routes(text: str | None, job: Job) -> tuple[RoutePlan, ...]:
    """Return the routes of a job that :func:`dump_routes` wrote."""
    if text is None:
        price = job.route_price
        return (RoutePlan(job.engine, job.upstream, job.plan, price, job.options),)
    return tuple(_load(one, job) for one in json.loads(text))


def _dump(route: RoutePlan) -> dict[str, Any]:
    plan, options = route.plan, route.options
    return {
        "engine": route.engine,
        "upstream": route.upstream,
        "price": route.price,
        "plan": [plan.width, plan.height, plan.fps, plan.frames, plan.seed],
        "style": options.style,
        "shots": [one.frames for one in options.shots],
        "kept_frames": options.kept_frames,
        "parameters": asdict(options.parameters),
        "ignored": options.ignored,
    }


def _load(stored: dict[str, Any], job: Job) -> RoutePlan:
    width, height, fps, frames, seed = stored["plan"]
    frames_of_shots = zip(job.options.shots, stored["shots"], strict=True)
    options = replace(
        job.options,
        style=Style(stored["style"]) if stored["style"] else None,
        shots=tuple(Shot(shot.prompt, count) for shot, count in frames_of_shots),
        kept_frames=stored["kept_frames"],
        parameters=load_parameters(stored["parameters"]),
        ignored=tuple(stored["ignored"]),
    )
    plan = replace(job.plan, width=width, height=height, fps=fps, frames=frames, seed=seed)
    return RoutePlan(stored["engine"], stored["upstream"], plan, stored["price"], options)
