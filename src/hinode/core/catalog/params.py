"""Generation parameters of a request, as the client sent them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hinode.media.parameters import NO_PARAMETERS, RenderParameters
from hinode.media.size import Orientation, Size

_RESOLUTION_TOLERANCE = 0.07


@dataclass(frozen=True, slots=True)
class GenerationParams:
    """Generation parameters before the catalog's rules; None means the model's default.

    ``size`` is ``WIDTHxHEIGHT`` in pixels. ``seconds`` (OpenAI's name) and ``duration`` (the
    gateways' name) are the same parameter; both are text, because clients also send ``10s``.
    ``orientation`` is asked for, ``image_orientation`` that of the image which the output starts
    from: it chooses where nothing is asked for and the model has it. ``resolution`` is the short
    side in pixels. ``render`` has the parameters of the engine; its ``num_frames`` and ``fps`` are
    exact where ``seconds`` are rough.
    """

    model: str | None = None
    size: str | None = None
    seconds: str | None = None
    outputs: int = 1
    seed: int | None = None
    watermark: bool = False
    duration: str | None = None
    hd: bool | None = None
    orientation: Orientation | None = None
    image_orientation: Orientation | None = None
    resolution: int | None = None
    render: RenderParameters = NO_PARAMETERS

    @property
    def has_duration(self) -> bool:
        """Return whether the request has a length, by any name."""
        lengths = (self.seconds, self.duration, self.render.num_frames)
        return any(one is not None for one in lengths)

    @property
    def has_shape(self) -> bool:
        """Return whether the request has a size, an orientation or a resolution."""
        shapes = (self.size, self.orientation, self.resolution)
        return any(one is not None for one in shapes)

    def following(self, width: int, height: int) -> GenerationParams:
        """Return the parameters of an output that starts from an image of this size."""
        return replace(self, image_orientation=Size(width, height).orientation)


def same_resolution(short_side: int, wanted: int) -> bool:
    """Return whether a short side counts as a resolution: 704 pixels are called 720p as well."""
    return abs(short_side - wanted) <= _RESOLUTION_TOLERANCE * wanted
