"""Build the routes of a model from its table: the model as each of its engines renders it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from hinode.config.models import ModelSettings, RouteSettings
from hinode.core.catalog.types import Model, Price, Route
from hinode.core.errors import ErrorCode, HinodeError
from hinode.media.size import Size
from hinode.open_models.checkpoints import Checkpoint

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RouteTables:
    """The table of a model with several engines.

    ``hd_sizes`` are the HD sizes of the model that the table changes; ``checkpoint_of`` returns the
    open-weight model that an engine renders by the name of its upstream, or None.
    """

    name: str
    given: ModelSettings
    hd_sizes: tuple[Size, ...]
    checkpoint_of: Callable[[str, str | None], Checkpoint | None]

    def united(self, alone: Callable[[ModelSettings], Model]) -> Model:
        """Return the model with its routes; ``alone`` makes the model of a table with one engine.

        Raises :class:`HinodeError` whose ``param`` is the invalid setting.
        """
        given = self.given.engines or ()
        self._reject_only_overflow(given)
        self._reject_lengths_of_no_route(given)
        routes = tuple(self._route(one, alone(self._table_of(one))) for one in given)
        return _united(routes, by_weight=self.given.routing_strategy == "weight")

    def _checkpoint(self, route: RouteSettings) -> Checkpoint | None:
        return self.checkpoint_of(route.engine, route.upstream or self.given.upstream)

    def _table_of(self, route: RouteSettings) -> ModelSettings:
        """Return the table of a model that this route alone renders."""
        given = self.given
        changes: dict[str, object] = {
            "engine": route.engine,
            "engines": None,
            "upstream": route.upstream or given.upstream,
            "seconds": route.seconds or self._possible_lengths(route),
            "fps": route.fps or given.fps,
            "price": route.price or given.price,
        }
        if route.sizes is not None:
            hd = given.hd_sizes if given.hd_sizes is not None else tuple(map(str, self.hd_sizes))
            changes["sizes"] = tuple(one for one in route.sizes if one not in hd)
            changes["hd_sizes"] = tuple(one for one in route.sizes if one in hd)
        return given.model_copy(update=changes)

    def _possible_lengths(self, route: RouteSettings) -> tuple[int, ...] | None:
        """Return the model's configured lengths that a route can render; None: its usual ones."""
        known, seconds = self._checkpoint(route), self.given.seconds
        if seconds is None or known is None:
            return seconds
        return tuple(filter(known.rule.supports_duration, seconds)) or None

    def _route(self, given: RouteSettings, own: Model) -> Route:
        known = self._checkpoint(given)
        takes_first_frame = known is None or known.first_frame
        if given.first_frame is not None:
            takes_first_frame = given.first_frame
        return Route(
            given.engine,
            own.upstream,
            given.weight,
            given.overflow_after,
            given.credits_per_day,
            replace(own, first_frame=takes_first_frame),
        )

    def _reject_lengths_of_no_route(self, routes: Iterable[RouteSettings]) -> None:
        rules = []
        for one in routes:
            known = self._checkpoint(one)
            if known is None or one.seconds is not None:
                return
            rules.append(known.rule)
        for seconds in self.given.seconds or ():
            if not any(rule.supports_duration(seconds) for rule in rules):
                allowed = "; ".join(dict.fromkeys(map(str, rules)))
                raise self._invalid(
                    "seconds",
                    f"has {seconds}, which no engine of the model can render",
                    f"Their frame rules are: {allowed}.",
                )

    def _reject_only_overflow(self, routes: Iterable[RouteSettings]) -> None:
        if all(one.overflow_after is not None for one in routes):
            rule = "names overflow engines only"
            raise self._invalid("engines", rule, "Leave out overflow_after of one of them.")

    def _invalid(self, key: str, rule: str, hint: str) -> HinodeError:
        place = f'models."{self.name}".{key}'
        message = f"The setting {place} {rule}."
        return HinodeError(ErrorCode.INVALID_VALUE, message, param=place, hint=hint)


def _united(routes: tuple[Route, ...], *, by_weight: bool) -> Model:
    """Return the model that clients see: what its routes render together, at the highest price."""
    own = [route.own for route in routes if route.own is not None]
    first, rules = own[0], {one.rule for one in own}
    same_rule = len(rules) == 1
    hd_sizes = _all(one.hd_sizes for one in own)
    return replace(
        first,
        routes=routes,
        by_weight=by_weight,
        sizes=_all(one.sizes for one in own),
        hd_sizes=hd_sizes,
        seconds=_all(one.seconds for one in own),
        hd_seconds=_all(one.hd_seconds for one in own),
        max_fps=max(one.max_fps for one in own),
        max_total_pixels=max(one.total_pixels for one in own),
        rule=first.rule if same_rule else None,
        licence=first.licence if same_rule else None,
        upstream=first.upstream if len({one.upstream for one in own}) == 1 else None,
        price=max((one.price for one in own), key=_highest),
    )


def _highest(price: Price) -> int:
    return max(price.credits, price.hd or 0, *(credits for _, credits in price.sizes))


def _all(groups: Iterable[tuple[T, ...]]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(one for group in groups for one in group))
