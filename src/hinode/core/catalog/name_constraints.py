"""Restrict a model to the sizes and lengths that the words of its name allow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from hinode.core.catalog.types import Model, NameConstraints, Route
from hinode.core.errors import ErrorCode, HinodeError
from hinode.media.size import Size


def rename(model: Model, name: str) -> Model:
    """Return the model with ``name`` as its id and its own id as ``alias_of``."""
    routes = tuple(
        replace(one, own=rename(one.own, name)) if one.own else one for one in model.routes
    )
    alias_of = model.alias_of or model.id
    return replace(model, id=name, alias_of=alias_of, aliases=(), routes=routes)


def constrain(model: Model, name: str, constraints: NameConstraints) -> Model:
    """Return the model under a name, with the sizes and lengths that the constraints allow.

    Raises :class:`HinodeError` when the model has no size or no length that they allow.
    """
    named = rename(model, name)
    routes = tuple(_constrained_routes(model, name, constraints))
    sizes = tuple(size for size in model.sizes if _allows_size(model, size, constraints))
    lengths = model.hd_seconds if constraints.hd else model.seconds
    seconds = tuple(one for one in lengths if constraints.seconds in (None, one))
    if not sizes or not seconds or (model.routes and not routes):
        raise HinodeError(
            ErrorCode.UNSUPPORTED_VALUE,
            f"'{name}' names a size or length that '{named.alias_of}' does not offer here.",
            param="model",
            hint=f"It offers {_listed(model.sizes)} and {_listed(model.seconds)} seconds.",
        )
    return replace(
        named,
        sizes=sizes,
        seconds=seconds,
        constraints=constraints,
        max_total_pixels=model.total_pixels,
        engine=routes[0].engine if routes else model.engine,
        routes=routes,
    )


def _constrained_routes(model: Model, name: str, constraints: NameConstraints) -> Iterator[Route]:
    """Yield the routes that have a size and a length which the constraints allow."""
    for route in model.routes:
        if route.own is None:
            yield route
            continue
        with suppress(HinodeError):
            yield replace(route, own=constrain(route.own, name, constraints))


def _allows_size(model: Model, size: Size, constraints: NameConstraints) -> bool:
    if constraints.orientation not in (None, size.orientation):
        return False
    is_hd = size in model.hd_sizes
    too_long = constraints.seconds is not None and constraints.seconds not in model.hd_seconds
    return not (constraints.hd and not is_hd) and not (is_hd and too_long)


def _listed(values: tuple[object, ...]) -> str:
    return ", ".join(str(value) for value in values)
