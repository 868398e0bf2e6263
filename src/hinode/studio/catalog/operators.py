"""The operator's models: tables of hinode.toml become models, new or changed built-in ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from hinode.config.models import ModelSettings, PriceSettings
from hinode.config.settings import Settings
from hinode.media.kinds import MediaKind
from hinode.studio.catalog.builtin import CREATED
from hinode.studio.catalog.checkpoints import Checkpoint, find
from hinode.studio.catalog.ruled import with_rules
from hinode.studio.catalog.types import Model, Price, PriceUnit, Route, Size
from hinode.studio.errors import ErrorCode, StudioError

_FPS = 30
_UNITS = {MediaKind.VIDEO: PriceUnit.SECOND, MediaKind.IMAGE: PriceUnit.PICTURE}

T = TypeVar("T")


def with_operators_models(builtin: Iterable[Model], settings: Settings) -> list[Model]:
    """Return the built-in models with the operator's changes, then the operator's own.

    Raises :class:`StudioError` that names the setting at fault.
    """
    models = {model.id: model for model in builtin}
    for name, given in settings.models.items():
        _refuse_video_settings(name, given, models.get(name))
        _refuse_two_ways(name, given)
        known = _weights(name, given)
        base = models.get(name) or _blank(name, given, settings.engine, known)
        models[name] = with_rules(_changed(base, given), given, known)
    return list(models.values())


def _blank(name: str, given: ModelSettings, engine: str, known: Checkpoint | None) -> Model:
    kind = given.kind or MediaKind.VIDEO
    needed: tuple[str, ...] = ("sizes", "seconds", "price")
    if kind is MediaKind.IMAGE:
        needed = ("sizes", "price")
    elif known is not None:
        needed = ("price",)
    for key in needed:
        if getattr(given, key) is None:
            rule = f"is missing: a new model that makes {kind}s needs it"
            raise _refused(name, key, rule)
    seconds, fps = ((1,), 1) if kind is MediaKind.IMAGE else ((), _FPS)
    free = Price(0, _UNITS[kind])
    return Model(name, kind, engine, (), seconds, fps, free, CREATED)


def _changed(base: Model, given: ModelSettings) -> Model:
    """Put what is given over a model."""
    hd = base.hd_sizes if given.hd_sizes is None else _sizes(given.hd_sizes)
    standard = tuple(size for size in base.sizes if size not in base.hd_sizes)
    sizes = standard if given.sizes is None else _sizes(given.sizes)
    seconds = given.seconds or base.seconds
    hd_seconds = given.hd_seconds or base.hd_seconds or seconds
    routes = tuple(Route(one.engine, one.upstream, one.weight) for one in given.engines or ())
    return replace(
        base,
        engine=routes[0].engine if routes else _either(given.engine, base.engine),
        routes=routes,
        by_weight=given.choose == "weight",
        sizes=tuple(dict.fromkeys(sizes + hd)),
        hd_sizes=hd,
        any_size=_either(given.any_size, base.any_size),
        seconds=seconds,
        hd_seconds=tuple(one for one in hd_seconds if one in seconds) if hd else (),
        fps=_either(given.fps, base.fps),
        upstream=_either(given.upstream, base.upstream),
        price=base.price if given.price is None else _price(given.price, base),
        max_outputs=_either(given.max_outputs, base.max_outputs),
        aliases=_either(given.aliases, base.aliases),
    )


def _refuse_two_ways(name: str, given: ModelSettings) -> None:
    names = [one.engine for one in given.engines or ()]
    if given.engine and names:
        raise _refused(name, "engines", "and 'engine' say the same in two ways; keep one")
    if len(set(names)) != len(names):
        raise _refused(name, "engines", "names an engine twice")


def _weights(name: str, given: ModelSettings) -> Checkpoint | None:
    """Return the open-weight model behind this one; a job may go to any route, so they agree."""
    named = [one.upstream or given.upstream for one in given.engines or ()] or [given.upstream]
    known = [find(one) if one else None for one in named]
    if len({one.rule if one else None for one in known}) > 1:
        raise _refused(name, "engines", "serve models with different frame rules")
    return known[0]


def _price(given: PriceSettings, base: Model) -> Price:
    return Price(
        given.credits,
        PriceUnit(given.per) if given.per else _UNITS[base.kind],
        given.hd,
        tuple(zip(_sizes(given.sizes), given.sizes.values(), strict=True)),
    )


def _either(given: T | None, else_this: T) -> T:
    return else_this if given is None else given


def _refuse_video_settings(name: str, given: ModelSettings, builtin: Model | None) -> None:
    if builtin is not None and given.kind not in (None, builtin.kind):
        raise _refused(name, "kind", f"is '{builtin.kind}' in the built-in model and stays it")
    kind = builtin.kind if builtin else given.kind
    for key in ("seconds", "fps", "hd_sizes", "hd_seconds"):
        if kind is MediaKind.IMAGE and getattr(given, key) is not None:
            raise _refused(name, key, "is for videos; this model makes pictures")
    _refuse_wrong_unit(name, given.price, kind or MediaKind.VIDEO)


def _refuse_wrong_unit(name: str, price: PriceSettings | None, kind: MediaKind) -> None:
    if price and price.per not in (None, PriceUnit.CALL.value, _UNITS[kind].value):
        raise _refused(name, "price.per", f"is '{_UNITS[kind]}' or 'call' for {kind}s")


def _sizes(texts: Iterable[str]) -> tuple[Size, ...]:
    return tuple(Size(*map(int, text.split("x"))) for text in texts)


def _refused(name: str, key: str, rule: str) -> StudioError:
    place = f'models."{name}".{key}'
    return StudioError(ErrorCode.INVALID_VALUE, f"The setting {place} {rule}.", param=place)
