"""From a request's model, size and length to an exact plan, or a refusal that says what would do.

Nothing is clamped silently: what is not offered is refused with the list of what is.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hinode.media.kinds import MediaKind
from hinode.studio.catalog.types import Fitted, Model, RenderPlan, Size
from hinode.studio.errors import ErrorCode, StudioError

_SIZE = re.compile(r"(\d{1,5})[xX×](\d{1,5})")
_SECONDS = re.compile(r"(\d{1,4})(?:\.0+)?s?")
_MAX_SEED = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client asked for, still as text where the wire has text; None means the default."""

    model: str | None = None
    size: str | None = None
    seconds: str | None = None
    outputs: int = 1
    seed: int | None = None
    watermark: bool = False


class Catalog:
    """The models of one Hinode, by name."""

    def __init__(self, models: Iterable[Model], defaults: Mapping[MediaKind, str]) -> None:
        self._models = {model.id: model for model in models}
        self._defaults = defaults

    def models(self) -> list[Model]:
        """Return all models, in their order."""
        return list(self._models.values())

    def get(self, name: str | None, kind: MediaKind | None = None) -> Model:
        """Find a model; no name means the default one of the kind.

        Raises :class:`StudioError` for unknown names, and for a model of another kind.
        """
        model = self._models.get(name or self._defaults[kind or MediaKind.VIDEO])
        if model is not None and kind not in (None, model.kind):
            raise StudioError(
                ErrorCode.UNSUPPORTED_VALUE,
                f"The model '{name}' makes {model.kind}s.",
                param="model",
                hint=f"For {kind}s: {', '.join(self._names(kind))}.",
            )
        if model is None:
            raise StudioError(
                ErrorCode.MODEL_NOT_FOUND,
                f"The model '{name}' does not exist.",
                param="model",
                hint=f"Available: {', '.join(self._models)}.",
            )
        return model

    def _names(self, kind: MediaKind | None) -> list[str]:
        return [model.id for model in self._models.values() if model.kind is kind]

    def fit(self, wish: Wish, kind: MediaKind) -> Fitted:
        """Turn a wish into the exact plan. Raises :class:`StudioError` for what is not offered."""
        model = self.get(wish.model, kind)
        size = _size(model, wish.size)
        seconds = _seconds(model, wish.seconds)
        if not 1 <= wish.outputs <= model.max_outputs:
            raise StudioError(
                ErrorCode.UNSUPPORTED_VALUE,
                f"'n' is 1 to {model.max_outputs}, not {wish.outputs}.",
                param="n",
            )
        plan = RenderPlan(
            width=size.width,
            height=size.height,
            fps=model.fps,
            frames=seconds * model.fps,
            seed=_seed(wish.seed),
            outputs=wish.outputs,
            watermark=wish.watermark,
        )
        return Fitted(model, plan, price(model, plan))


def price(model: Model, plan: RenderPlan) -> int:
    """Return what a plan costs with a model, in credits."""
    return model.price * plan.seconds * plan.outputs


def _size(model: Model, text: str | None) -> Size:
    if text is None:
        return model.sizes[0]
    match = _SIZE.fullmatch(text.strip())
    size = Size(int(match[1]), int(match[2])) if match else None
    if size not in model.sizes:
        offered = ", ".join(f"'{one}'" for one in model.sizes)
        raise StudioError(
            ErrorCode.UNSUPPORTED_VALUE,
            f"'{text[:40]}' is not a size of {model.id}.",
            param="size",
            hint=f"Supported values are: {offered}.",
        )
    return size


def _seconds(model: Model, text: str | None) -> int:
    if text is None:
        return model.seconds[0]
    match = _SECONDS.fullmatch(text.strip())
    seconds = int(match[1]) if match else None
    if seconds not in model.seconds:
        offered = ", ".join(f"'{one}'" for one in model.seconds)
        raise StudioError(
            ErrorCode.UNSUPPORTED_VALUE,
            f"'{text[:40]}' is not a length of {model.id}.",
            param="seconds",
            hint=f"Supported values are: {offered}.",
        )
    return seconds


def _seed(seed: int | None) -> int:
    if seed is None:
        return secrets.randbelow(_MAX_SEED + 1)
    if not 0 <= seed <= _MAX_SEED:
        raise StudioError(
            ErrorCode.INVALID_VALUE, f"'seed' is 0 to {_MAX_SEED}, not {seed}.", param="seed"
        )
    return seed
