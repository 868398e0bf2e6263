"""The tables `[models.NAME]`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from hinode.media.post_steps import PostStep
from hinode.media.types import MediaKind

ModelName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$")]
SizeText = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{1,3}x[1-9][0-9]{1,3}$")]
Credits = Annotated[int, Field(ge=0, le=1_000_000)]
LoraName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
LoraUpstream = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Seconds = Annotated[int, Field(ge=1, le=120)]
_MAX_SIDE = 4096


def _price_table(value: object) -> object:
    """Return a bare number, the usual form of a price, as a table."""
    return value if isinstance(value, dict | BaseModel) else {"credits": value}


def _check_sizes(value: tuple[str, ...] | None) -> tuple[str, ...] | None:
    for size in value or ():
        if any(int(side) % 2 or int(side) > _MAX_SIDE for side in size.split("x")):
            raise ValueError(f"{size}: sides are even and at most {_MAX_SIDE} pixels")
    return value


Sizes = Annotated[tuple[SizeText, ...], AfterValidator(_check_sizes)]


class PriceSettings(BaseModel):
    """The price of a model; a bare number is `credits`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    credits: Credits = Field(description="Credits per unit, unless a setting below says otherwise.")
    per: Literal["second", "picture", "call"] | None = Field(
        default=None,
        description="`second` of a video, `picture`, or `call`; else `second` or `picture`.",
    )
    hd: Credits | None = Field(default=None, description="Credits per unit in HD sizes.")
    sizes: dict[SizeText, Credits] = Field(
        default_factory=dict,
        description='Credits per unit in these sizes, such as {"1280x720" = 30}.',
    )


class RouteSettings(BaseModel):
    """One of several engines that render a model; a bare name is `engine`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    engine: str = Field(min_length=1, description="Engine that can render the model.")
    upstream: str | None = Field(
        default=None, min_length=1, max_length=200, description="Its name at this engine's server."
    )
    weight: float = Field(
        default=1.0,
        gt=0,
        le=1_000,
        description="Share of the jobs, with `routing_strategy` = `weight`.",
    )
    sizes: Sizes | None = Field(
        default=None,
        min_length=1,
        description="WIDTHxHEIGHT that this engine renders, HD ones too; else those of the model.",
    )
    seconds: tuple[Seconds, ...] | None = Field(
        default=None, min_length=1, description="Lengths that it renders; else the model's."
    )
    fps: int | None = Field(
        default=None, ge=1, le=120, description="Frames per second here; else the model's."
    )
    first_frame: bool | None = Field(
        default=None,
        description="False: it takes no first frame; else as its weights and the engine do.",
    )
    price: Annotated[PriceSettings, BeforeValidator(_price_table)] | None = Field(
        default=None, description="Its price, as a model's; else that of the model."
    )
    overflow_after: int | None = Field(
        default=None,
        ge=1,
        le=86_400,
        description="It takes only jobs that have waited for so many seconds; else any.",
    )
    credits_per_day: int | None = Field(
        default=None,
        ge=0,
        le=1_000_000_000,
        description="Most credits of its jobs on one day (UTC), held and charged; else no limit.",
    )


def _route_table(value: object) -> object:
    """Return a bare name, the usual form of a route, as a table."""
    return {"engine": value} if isinstance(value, str) else value


class ModelSettings(BaseModel):
    """A model of the operator, or changes of a built-in one; None: not given."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    engine: str | None = Field(
        default=None, min_length=1, description="Engine that renders it; else the setting `engine`."
    )
    engines: tuple[Annotated[RouteSettings, BeforeValidator(_route_table)], ...] | None = Field(
        default=None,
        min_length=1,
        max_length=20,
        description="Several engines instead: names, or tables, see below.",
    )
    routing_strategy: Literal["order", "weight"] = Field(
        default="order",
        description="`order`: the first healthy engine; `weight`: by their weights.",
    )
    upstream: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="Its name at the engine's server; that of an open-weight model sets its rules.",
    )
    kind: MediaKind | None = Field(default=None, description="`video` or `image`; else `video`.")
    sizes: Sizes | None = Field(
        default=None, min_length=1, description="WIDTHxHEIGHT, the default first; even numbers."
    )
    hd_sizes: Sizes | None = Field(
        default=None, description="More sizes, rendered when `hd` is requested."
    )
    any_size: bool | None = Field(
        default=None, description="Accept every size by its aspect ratio, as gateways do."
    )
    seconds: tuple[Seconds, ...] | None = Field(
        default=None, min_length=1, description="Lengths of a video, the default first."
    )
    hd_seconds: tuple[Seconds, ...] | None = Field(
        default=None, description="Lengths that are offered in HD; else all of them."
    )
    fps: int | None = Field(
        default=None, ge=1, le=120, description="Frames per second of a video; else 30."
    )
    max_fps: int | None = Field(
        default=None, ge=1, le=240, description="Highest `fps` that a request may ask for; else 60."
    )
    max_total_pixels: int | None = Field(
        default=None,
        ge=1,
        description="Most pixels of all frames of one output together; else those of its longest "
        "video in its largest size.",
    )
    loras: dict[LoraName, LoraUpstream] | None = Field(
        default=None,
        description="LoRAs that requests may name, with their names or paths at the engine's "
        'server, such as {"ink" = "/loras/ink.safetensors"}.',
    )
    price: Annotated[PriceSettings, BeforeValidator(_price_table)] | None = Field(
        default=None,
        description="Credits per second of a video, or per picture; or a table, see below.",
    )
    max_outputs: int | None = Field(
        default=None, ge=1, le=4, description="Most outputs of one job; else 4."
    )
    post_steps: dict[PostStep, Credits] | None = Field(
        default=None,
        description="Steps after the render that requests may ask for, with the credits that each "
        'adds per unit of the price: {"frame_interpolation" = 0, "upscaling" = 5}; else none. '
        'Engines with `kind = "diffusers"` do them.',
    )
    watermark: bool | None = Field(
        default=None,
        description="Draw the visible mark on everything, asked for or not; by engines that render "
        "by themselves.",
    )
    aliases: tuple[ModelName, ...] | None = Field(default=None, description="Other names for it.")
