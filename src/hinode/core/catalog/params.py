"""Generation parameters: what a client asks of a model."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GenerationParams:
    """Generation parameters, still text where the wire has text; None means the default.

    ``seconds`` (OpenAI's name) and ``duration`` (the gateways' name) mean the same.
    """

    model: str | None = None
    size: str | None = None
    seconds: str | None = None
    outputs: int = 1
    seed: int | None = None
    watermark: bool = False
    duration: str | None = None
    hd: bool | None = None

    @property
    def has_duration(self) -> bool:
        """Return whether a length was asked for, by either name."""
        return self.seconds is not None or self.duration is not None
