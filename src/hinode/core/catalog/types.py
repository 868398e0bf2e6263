"""Types of the catalog: models, prices, routes and the plan of a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from hinode.media.post_steps import PostStep
from hinode.media.size import Orientation, Size
from hinode.media.types import MediaKind

if TYPE_CHECKING:
    from hinode.open_models.frames import FrameRule


@dataclass(frozen=True, slots=True)
class NameConstraints:
    """Parameters that a model's name fixes; None and False: the request chooses."""

    orientation: Orientation | None = None
    hd: bool = False
    seconds: int | None = None


class PriceUnit(StrEnum):
    """The unit of a price: a second of one output, one image, or one request."""

    SECOND = "second"
    PICTURE = "picture"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Price:
    """Credits per unit: those in ``sizes``, else ``hd`` for an HD size, else ``credits``."""

    credits: int
    per: PriceUnit
    hd: int | None = None
    sizes: tuple[tuple[Size, int], ...] = ()

    def at(self, size: Size, *, hd: bool) -> int:
        """Return the credits per unit for a size."""
        default = self.hd if hd and self.hd is not None else self.credits
        return dict(self.sizes).get(size, default)


@dataclass(frozen=True, slots=True)
class Route:
    """An engine that can render a model, and the model as this engine renders it.

    ``upstream`` is the model's name at the engine's server; None: the engine's own default.
    ``weight`` is the engine's share of the jobs, relative to the other routes, when routing is by
    weight. With ``overflow_after`` it takes only jobs that have waited for so many seconds, with
    ``credits_per_day`` only jobs of so many credits a day. ``own`` has the sizes, lengths, frame
    rule and price of this route; None: those of the model.
    """

    engine: str
    upstream: str | None = None
    weight: float = 1.0
    overflow_after: int | None = None
    credits_per_day: int | None = None
    own: Model | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """A model: its public name, engines, supported parameters and price.

    The first size and the first length are the defaults. With ``any_size`` every WIDTHxHEIGHT is
    accepted and its orientation chooses among ``sizes``. ``hd_sizes`` is the HD part of ``sizes``;
    they are supported only for lengths in ``hd_seconds``.

    A model found by an alias or a name with words has that name as ``id``, its own as ``alias_of``,
    and only the sizes and lengths that the ``constraints`` of the name allow.

    ``routes`` are the engines that can render it, in order of preference, or by weight with
    ``by_weight``; ``engine`` is the first of them. Where they differ, ``sizes`` and ``seconds`` are
    those of all of them together, and the price is the highest; see :attr:`ways`. ``upstream`` is
    its name at the engine's server. With a frame ``rule`` a size requests an orientation, and the
    plan has the nearest legal canvas, rate and frame count; ``licence`` is the licence of the
    weights, None if unknown. ``first_frame`` is False for weights that take none.

    ``max_fps`` bounds the rate that a request may ask for, ``max_total_pixels`` all the frames of
    one output together (None: those of its longest video in its largest size). ``loras`` are the
    LoRAs that a request may name, with their names at the engine's server. ``post_steps`` are the
    steps after the render that a request may ask for, with the credits that they add per unit.
    """

    id: str
    kind: MediaKind
    engine: str
    sizes: tuple[Size, ...]
    seconds: tuple[int, ...]
    fps: int
    price: Price
    created_at: datetime
    max_outputs: int = 4
    any_size: bool = False
    watermark: bool = False
    hd_sizes: tuple[Size, ...] = ()
    hd_seconds: tuple[int, ...] = ()
    aliases: tuple[str, ...] = ()
    constraints: NameConstraints = NameConstraints()
    alias_of: str | None = None
    routes: tuple[Route, ...] = ()
    by_weight: bool = False
    upstream: str | None = None
    rule: FrameRule | None = None
    licence: str | None = None
    max_fps: int = 60
    max_total_pixels: int | None = None
    loras: Mapping[str, str] = field(default_factory=dict)
    first_frame: bool = True
    post_steps: Mapping[PostStep, int] = field(default_factory=dict)
    _total_pixels: int | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def engine_names(self) -> tuple[str, ...]:
        """The engines that can render it, in order of preference."""
        return tuple(route.engine for route in self.routes) or (self.engine,)

    @property
    def total_pixels(self) -> int:
        """The most pixels of all the frames of one output together."""
        if self.max_total_pixels is not None:
            return self.max_total_pixels
        if self._total_pixels is None:  # each create asks for it
            object.__setattr__(self, "_total_pixels", self._most_pixels())
        return self._total_pixels or 0

    def _most_pixels(self) -> int:
        return max(
            canvas.area * frames
            for size in self.sizes
            for seconds in (self.hd_seconds if size in self.hd_sizes else self.seconds)
            for canvas, frames in [self._rendered(size, seconds)]
        )

    def _rendered(self, size: Size, seconds: int) -> tuple[Size, int]:
        if self.rule is None:
            return size, seconds * self.fps
        return self.rule.canvas(size), self.rule.frames(seconds)

    @property
    def ways(self) -> tuple[tuple[Route, Model], ...]:
        """Its routes, each with the model as that engine alone renders it."""
        if not self.routes:
            return ((Route(self.engine, self.upstream), self),)
        return tuple((route, route.own or self._at(route)) for route in self.routes)

    def _at(self, route: Route) -> Model:
        upstream = route.upstream or self.upstream
        return replace(self, engine=route.engine, upstream=upstream, routes=())


@dataclass(frozen=True, slots=True)
class RenderPlan:
    """The exact parameters of a job's outputs, in pixels and frames; responses report them."""

    width: int
    height: int
    fps: int
    frames: int
    seed: int
    outputs: int
    watermark: bool

    @property
    def size(self) -> Size:
        """Width and height of one output."""
        return Size(self.width, self.height)

    @property
    def seconds(self) -> int:
        """Length of one output in whole seconds, at least one."""
        return max(1, round(self.frames / self.fps))


@dataclass(frozen=True, slots=True)
class ResolvedRequest:
    """A request after the catalog's rules: the model, the plan and the price in credits."""

    model: Model
    plan: RenderPlan
    price: int
