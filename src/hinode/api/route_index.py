"""Finds the route of a request, without trying one route after the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from starlette.routing import Route

Match = tuple[Route, dict[str, Any]]
"""A route and its path parameters."""

_HEAD_PARTS = 2
"""Parts of a path that choose the routes to try, such as ``/v1/videos``."""

_MOST_PARTS = 12
"""Paths of more parts are not told apart by their number."""

_Place = tuple[str, str, int]
"""A method, the head of a path, and the number of the path's parts."""


class RouteIndex:
    """The routes of an application; of several that match a request, the first one serves it."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = routes
        self._heads = {_head(one.path) for one in routes if not _varies(_head(one.path))}
        self._methods = {method for one in routes for method in one.methods or ()}
        self._by_place: dict[_Place, list[Route]] = {}

    def find(self, method: str, path: str) -> Match | None:
        """Return the first route of a method that matches a path, None if there is none."""
        if method not in self._methods:
            return None
        place = self._place(method, path)
        routes = self._by_place.get(place)
        if routes is None:
            routes = self._by_place[place] = self._at(place)
        return _first(routes, path)

    def routes_at(self, path: str) -> list[Route]:
        """Return all routes of a path, whatever their methods; each has only its own."""
        return [one for one in self._routes if one.path_regex.match(path)]

    def _place(self, method: str, path: str) -> _Place:
        """Return what decides which routes a path may have; strangers cannot make more of them."""
        head = _head(path)
        parts = min(path.count("/"), _MOST_PARTS)
        return method, head if head in self._heads else "", parts

    def _at(self, place: _Place) -> list[Route]:
        method, head, parts = place
        return [
            one
            for one in self._routes
            if method in (one.methods or ())
            and _may_have_head(one.path, head)
            and _may_have_parts(one, parts)
        ]


def _first(routes: Iterable[Route], path: str) -> Match | None:
    for route in routes:
        if found := route.path_regex.match(path):
            convertors = route.param_convertors
            given = found.groupdict().items()
            return route, {name: convertors[name].convert(value) for name, value in given}
    return None


def _head(path: str) -> str:
    return "/".join(path.split("/", _HEAD_PARTS + 1)[: _HEAD_PARTS + 1])


def _varies(head: str) -> bool:
    return "{" in head


def _may_have_head(template: str, head: str) -> bool:
    """Return whether a template may match paths of a head; ``""`` stands for all other heads."""
    own = _head(template)
    return _varies(own) or own == head


def _may_have_parts(route: Route, parts: int) -> bool:
    takes_slashes = any(one.regex == ".*" for one in route.param_convertors.values())
    return takes_slashes or parts >= _MOST_PARTS or route.path.count("/") == parts
