"""Models, and the exact plan that a request becomes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hinode.media.kinds import MediaKind


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        """Spell it the way requests do."""
        return f"{self.width}x{self.height}"


@dataclass(frozen=True, slots=True)
class Model:
    """A public name, the engine behind it, what may be asked of it and what that costs.

    The first size and the first length are the defaults. ``price`` is credits per second.
    """

    id: str
    kind: MediaKind
    engine: str
    sizes: tuple[Size, ...]
    seconds: tuple[int, ...]
    fps: int
    price: int
    created_at: datetime
    max_outputs: int = 4


@dataclass(frozen=True, slots=True)
class RenderPlan:
    """What will be rendered, exactly; the answer to a request reports this."""

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
class Fitted:
    """A request after the catalog's rules: the model, the plan and the price in credits."""

    model: Model
    plan: RenderPlan
    price: int
