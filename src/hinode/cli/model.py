"""`hinode model`: the models that clients may name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hinode.cli import model_local, options
from hinode.cli.output import print_list

if TYPE_CHECKING:
    from hinode.core.catalog.types import Model, Price, Route

app = typer.Typer(
    help="List the models that are served; get, check and remove open-weight ones.",
    no_args_is_help=True,
)
app.command("pull")(model_local.pull)
app.command("check")(model_local.check)
app.command("remove")(model_local.remove)

Local = Annotated[
    bool, typer.Option("--local", help="List the open-weight models on this machine instead.")
]


@app.command("list")
def list_models(
    local: Local = False,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """List the models with their engines, sizes, lengths, prices and other names."""
    from hinode.components import build_catalog, with_published

    settings = options.read_settings(data, database)
    if local:
        model_local.list_local(settings, as_json=as_json)
        return
    with options.open_database(settings) as db:
        catalog = build_catalog(with_published(settings, db))
    head = ("model", "engines", "sizes", "seconds", "credits", "aliases", "rule")
    print_list(list(catalog.models()), head, _row, _object, as_json=as_json)


def _object(model: Model) -> dict[str, Any]:
    return {
        "id": model.id,
        "kind": model.kind.value,
        "engines": list(model.engine_names),
        "routes": [_route(route, own) for route, own in model.ways],
        "sizes": [str(size) for size in model.sizes],
        "hd_sizes": [str(size) for size in model.hd_sizes],
        "seconds": list(model.seconds),
        "price": _price_object(model.price),
        "aliases": list(model.aliases),
        "licence": model.licence if model.rule else None,
    }


def _route(route: Route, own: Model) -> dict[str, Any]:
    """Return the JSON of a route: what differs between the engines of a model."""
    return {
        "engine": route.engine,
        "upstream": own.upstream,
        "weight": route.weight,
        "overflow_after": route.overflow_after,
        "credits_per_day": route.credits_per_day,
        "sizes": [str(size) for size in own.sizes],
        "seconds": list(own.seconds),
        "fps": own.fps,
        "first_frame": own.first_frame,
        "price": _price_object(own.price),
    }


def _price_object(price: Price) -> dict[str, Any]:
    return {
        "credits": price.credits,
        "per": price.per.value,
        "hd": price.hd,
        "sizes": {str(size): credits for size, credits in price.sizes},
    }


def _row(model: Model) -> tuple[str, ...]:
    from hinode.media.types import MediaKind

    makes_pictures = model.kind is MediaKind.IMAGE
    return (
        model.id,
        " ".join(model.engine_names),
        " ".join(str(size) for size in model.sizes),
        "" if makes_pictures else " ".join(str(seconds) for seconds in model.seconds),
        _price(model.price),
        " ".join(model.aliases),
        _rule(model),
    )


def _rule(model: Model) -> str:
    """Return the sizes and rules of an open-weight model; empty for others."""
    if model.rule is None:
        return ""
    canvases = " ".join(str(size) for size in model.rule.canvases)
    return f"{canvases}; {model.rule}; {model.licence}"


def _price(price: Price) -> str:
    """Return a price as text: 25/second, 60 in HD, 90 in 1920x1080."""
    others = [(str(size), credits) for size, credits in price.sizes]
    if price.hd is not None:
        others.insert(0, ("HD", price.hd))
    return ", ".join([f"{price.credits}/{price.per}", *(f"{n} in {name}" for name, n in others)])
