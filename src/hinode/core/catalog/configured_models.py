"""Build models from the tables ``models`` of hinode.toml: new ones, or changes of built-in ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from hinode.config.models import ModelSettings, PriceSettings
from hinode.config.settings import Settings
from hinode.core.catalog.builtin import CREATED
from hinode.core.catalog.checkpoint_rules import with_checkpoint_rules
from hinode.core.catalog.configured_routes import RouteTables
from hinode.core.catalog.types import Model, Price, PriceUnit
from hinode.core.errors import ErrorCode, HinodeError
from hinode.media.size import Size
from hinode.media.types import MediaKind
from hinode.open_models.checkpoints import Checkpoint

_FPS = 30
_OF_VIDEOS = (
    "seconds", "fps", "max_fps", "max_total_pixels", "hd_sizes", "hd_seconds", "post_steps",
)  # fmt: skip
_UNITS = {MediaKind.VIDEO: PriceUnit.SECOND, MediaKind.IMAGE: PriceUnit.PICTURE}

T = TypeVar("T")


def with_configured_models(builtin: Iterable[Model], settings: Settings) -> list[Model]:
    """Return the built-in models with the operator's changes, then the operator's new ones.

    Raises :class:`HinodeError` whose ``param`` is the invalid setting.
    """
    models = {model.id: model for model in builtin}
    for name, given in settings.models.items():
        _reject_video_settings(name, given, models.get(name))
        _reject_conflicting_engines(name, given)
        alone = partial(_alone, name, models.get(name), settings)
        if given.engines is None:
            models[name] = alone(given)
        else:
            hd_sizes = models[name].hd_sizes if name in models else ()
            routes = RouteTables(name, given, hd_sizes, partial(_checkpoint_of, settings))
            models[name] = routes.united(alone)
    return list(models.values())


def _alone(name: str, builtin: Model | None, settings: Settings, given: ModelSettings) -> Model:
    """Return the model of a table with one engine."""
    known = _checkpoint_of(settings, given.engine or settings.engine, given.upstream)
    base = builtin or _new_model(name, given, settings.engine, known)
    return with_checkpoint_rules(_with_overrides(base, given), given, known)


def _checkpoint_of(settings: Settings, engine: str, upstream: str | None) -> Checkpoint | None:
    """Return the checkpoint that an engine renders; None for one that is not listed."""
    return settings.engine_settings(engine).checkpoint_of(upstream)


def _new_model(name: str, given: ModelSettings, engine: str, known: Checkpoint | None) -> Model:
    kind = given.kind or MediaKind.VIDEO
    needed: tuple[str, ...] = ("sizes", "seconds", "price")
    if kind is MediaKind.IMAGE:
        needed = ("sizes", "price")
    elif known is not None:
        needed = ("price",)
    for key in needed:
        if getattr(given, key) is None:
            rule = f"is missing: a new model for {kind}s needs it"
            raise _invalid_setting(name, key, rule)
    seconds, fps = ((1,), 1) if kind is MediaKind.IMAGE else ((), _FPS)
    free = Price(0, _UNITS[kind])
    return Model(name, kind, engine, (), seconds, fps, free, CREATED)


def _with_overrides(base: Model, given: ModelSettings) -> Model:
    """Return the model with the settings that are given; the others are unchanged."""
    hd = base.hd_sizes if given.hd_sizes is None else _sizes(given.hd_sizes)
    standard = tuple(size for size in base.sizes if size not in base.hd_sizes)
    sizes = standard if given.sizes is None else _sizes(given.sizes)
    seconds = given.seconds or base.seconds
    hd_seconds = given.hd_seconds or base.hd_seconds or seconds
    return replace(
        base,
        engine=_default_to(given.engine, base.engine),
        sizes=tuple(dict.fromkeys(sizes + hd)),
        hd_sizes=hd,
        watermark=_default_to(given.watermark, base.watermark),
        any_size=_default_to(given.any_size, base.any_size),
        seconds=seconds,
        hd_seconds=tuple(one for one in hd_seconds if one in seconds) if hd else (),
        fps=_default_to(given.fps, base.fps),
        max_fps=_default_to(given.max_fps, max(base.max_fps, given.fps or base.fps)),
        max_total_pixels=_default_to(given.max_total_pixels, base.max_total_pixels),
        loras=_default_to(given.loras, base.loras),
        post_steps=_default_to(given.post_steps, base.post_steps),
        upstream=_default_to(given.upstream, base.upstream),
        price=base.price if given.price is None else _price(given.price, base),
        max_outputs=_default_to(given.max_outputs, base.max_outputs),
        aliases=_default_to(given.aliases, base.aliases),
    )


def _reject_conflicting_engines(name: str, given: ModelSettings) -> None:
    names = [one.engine for one in given.engines or ()]
    if given.engine and names:
        raise _invalid_setting(name, "engines", "excludes the setting 'engine'; keep one of them")
    if len(set(names)) != len(names):
        raise _invalid_setting(name, "engines", "names an engine twice; list each engine once")


def _price(given: PriceSettings, base: Model) -> Price:
    return Price(
        given.credits,
        PriceUnit(given.per) if given.per else _UNITS[base.kind],
        given.hd,
        tuple(zip(_sizes(given.sizes), given.sizes.values(), strict=True)),
    )


def _default_to(given: T | None, default: T) -> T:
    return default if given is None else given


def _reject_video_settings(name: str, given: ModelSettings, builtin: Model | None) -> None:
    if builtin is not None and given.kind not in (None, builtin.kind):
        raise _invalid_setting(
            name, "kind", f"is '{builtin.kind}' for the built-in model and cannot be changed"
        )
    kind = builtin.kind if builtin else given.kind
    for key in _OF_VIDEOS:
        if kind is MediaKind.IMAGE and getattr(given, key) is not None:
            raise _invalid_setting(name, key, "is for videos, and this model makes images; drop it")
    for route in given.engines or ():
        if kind is MediaKind.IMAGE and (route.seconds or route.fps):
            rule = "names seconds or fps, which are for videos, and this model makes images"
            raise _invalid_setting(name, "engines", rule)
    for price in (given.price, *(one.price for one in given.engines or ())):
        _reject_wrong_price_unit(name, price, kind or MediaKind.VIDEO)


def _reject_wrong_price_unit(name: str, price: PriceSettings | None, kind: MediaKind) -> None:
    if price and price.per not in (None, PriceUnit.CALL.value, _UNITS[kind].value):
        raise _invalid_setting(name, "price.per", f"must be '{_UNITS[kind]}' or 'call' for {kind}s")


def _sizes(texts: Iterable[str]) -> tuple[Size, ...]:
    return tuple(Size(*map(int, text.split("x"))) for text in texts)


def _invalid_setting(name: str, key: str, rule: str) -> HinodeError:
    place = f'models."{name}".{key}'
    return HinodeError(ErrorCode.INVALID_VALUE, f"The setting {place} {rule}.", param=place)
