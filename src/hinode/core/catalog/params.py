"""Generation parameters of a request, as the client sent them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hinode.core.catalog.types import Orientation, Size


@dataclass(frozen=True, slots=True)
class GenerationParams:
    """Generation parameters before the catalog's rules; None means the model's default.

    ``size`` is ``WIDTHxHEIGHT`` in pixels. ``seconds`` (OpenAI's name) and ``duration`` (the
    gateways' name) are the same parameter; both are text, because clients also send ``10s``.
    ``orientation`` is asked for, ``image_orientation`` that of the image which the output starts
    from: it chooses where nothing is asked for and the model has it.
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

    @property
    def has_duration(self) -> bool:
        """Return whether the request has a length, by either name."""
        return self.seconds is not None or self.duration is not None

    def following(self, width: int, height: int) -> GenerationParams:
        """Return the parameters of an output that starts from an image of this size."""
        return replace(self, image_orientation=Size(width, height).orientation)
