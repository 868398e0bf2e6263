"""Models, and the exact plan that a request becomes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from hinode.media.types import MediaKind

if TYPE_CHECKING:
    from hinode.core.catalog.frames import FrameRule


class Orientation(StrEnum):
    """The shape of a picture."""

    PORTRAIT = "portrait"
    LANDSCAPE = "landscape"
    SQUARE = "square"


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        """Spell it the way requests do."""
        return f"{self.width}x{self.height}"

    @property
    def orientation(self) -> Orientation:
        """Its shape."""
        if self.width == self.height:
            return Orientation.SQUARE
        return Orientation.PORTRAIT if self.width < self.height else Orientation.LANDSCAPE


@dataclass(frozen=True, slots=True)
class NameConstraints:
    """The parameters that a model's name fixes; None and False where it leaves them open."""

    orientation: Orientation | None = None
    hd: bool = False
    seconds: int | None = None


class PriceUnit(StrEnum):
    """The unit of a price."""

    SECOND = "second"
    PICTURE = "picture"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Price:
    """Credits per unit: those of the size, else those of HD in an HD size, else ``credits``."""

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
    """An engine that can render a model: what its server calls it, and its share of the jobs."""

    engine: str
    upstream: str | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Model:
    """A public name, the engine behind it, what may be asked of it and what that costs.

    The first size and the first length are the defaults. With ``any_size`` every WIDTHxHEIGHT is
    accepted and its shape chooses among ``sizes``. ``hd_sizes`` are those of them that are HD,
    rendered for lengths in ``hd_seconds`` only.

    A model found by another name than its own has that name as ``id``, its own as ``alias_of``,
    and is narrowed to what the ``constraints`` of the name leave open.

    ``routes`` are the engines that can render it, the first choice first, or by their weights;
    ``engine`` is the first of them. ``upstream`` is what their servers call it. With a ``rule``
    the sizes are requests for a shape, and a plan has the legal canvas, rate and frame count that
    come nearest; ``licence`` is that of the weights, where they are known.
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

    @property
    def engine_names(self) -> tuple[str, ...]:
        """The engines that can render it, the first choice first."""
        return tuple(route.engine for route in self.routes) or (self.engine,)

    def upstream_at(self, engine: str) -> str | None:
        """Return what an engine's server calls this model; None: the engine knows itself."""
        named = (route.upstream for route in self.routes if route.engine == engine)
        return next(named, None) or self.upstream


@dataclass(frozen=True, slots=True)
class RenderPlan:
    """The exact output of a job; responses report it."""

    width: int
    height: int
    fps: int
    frames: int
    seed: int
    outputs: int
    watermark: bool

    @property
    def size(self) -> Size:
        """The picture's size."""
        return Size(self.width, self.height)

    @property
    def seconds(self) -> int:
        """Length of one output in whole seconds."""
        return round(self.frames / self.fps)


@dataclass(frozen=True, slots=True)
class ResolvedRequest:
    """A request after the catalog's rules: the model, the plan and the price in credits."""

    model: Model
    plan: RenderPlan
    price: int
