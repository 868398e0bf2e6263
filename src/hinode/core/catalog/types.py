"""Types of the catalog: models, prices, routes and the plan of a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

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
    """An engine that can render a model.

    ``upstream`` is the model's name at the engine's server; None: that of the model. ``weight`` is
    the engine's share of the jobs, relative to the other routes, when routing is by weight.
    """

    engine: str
    upstream: str | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Model:
    """A model: its public name, engines, supported parameters and price.

    The first size and the first length are the defaults. With ``any_size`` every WIDTHxHEIGHT is
    accepted and its orientation chooses among ``sizes``. ``hd_sizes`` is the HD part of ``sizes``;
    they are supported only for lengths in ``hd_seconds``.

    A model found by an alias or a name with words has that name as ``id``, its own as ``alias_of``,
    and only the sizes and lengths that the ``constraints`` of the name allow.

    ``routes`` are the engines that can render it, in order of preference, or by weight with
    ``by_weight``; ``engine`` is the first of them. ``upstream`` is its name at their servers. With
    a frame ``rule`` a size requests an orientation, and the plan has the nearest legal canvas, rate
    and frame count; ``licence`` is the licence of the weights, None if unknown.

    ``max_fps`` bounds the rate that a request may ask for, ``max_total_pixels`` all the frames of
    one output together (None: those of its longest video in its largest size). ``loras`` are the
    LoRAs that a request may name, with their names at the engine's server.
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

    @property
    def engine_names(self) -> tuple[str, ...]:
        """The engines that can render it, in order of preference."""
        return tuple(route.engine for route in self.routes) or (self.engine,)

    @property
    def total_pixels(self) -> int:
        """The most pixels of all the frames of one output together."""
        if self.max_total_pixels is not None:
            return self.max_total_pixels
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

    def upstream_at(self, engine: str) -> str | None:
        """Return the model's name at an engine's server; None: the engine's own default."""
        named = (route.upstream for route in self.routes if route.engine == engine)
        return next(named, None) or self.upstream


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
