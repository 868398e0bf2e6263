"""Steps on the frames of a video after its render: more frames between them, then larger ones.

The counts are those of SGLang and vLLM-Omni: each round of interpolation sets one frame between
two, and the rate doubles; then each side is multiplied.
"""

from __future__ import annotations

from dataclasses import Field, dataclass, replace
from enum import StrEnum
from typing import Any, ClassVar, Protocol, TypeVar

from hinode.media.parameters import Parameter, RenderParameters


class PostStep(StrEnum):
    """A step after the render, by its name in settings."""

    FRAME_INTERPOLATION = "frame_interpolation"
    UPSCALING = "upscaling"

    @property
    def parameter(self) -> Parameter:
        """The parameter that asks for it."""
        return _PARAMETERS[self]

    @property
    def words(self) -> str:
        """Its name in sentences."""
        return self.value.replace("_", " ")


_PARAMETERS = {
    PostStep.FRAME_INTERPOLATION: Parameter.FRAME_INTERPOLATION_EXP,
    PostStep.UPSCALING: Parameter.UPSCALING_SCALE,
}


class VideoMeasures(Protocol):
    """A dataclass with the measures of a video, as plans and render specs are."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def width(self) -> int:
        """In pixels."""
        ...

    @property
    def height(self) -> int:
        """In pixels."""
        ...

    @property
    def fps(self) -> int:
        """Frames per second."""
        ...

    @property
    def frames(self) -> int:
        """The count of frames."""
        ...


MeasuresT = TypeVar("MeasuresT", bound=VideoMeasures)


@dataclass(frozen=True, slots=True)
class PostSteps:
    """Rounds of interpolation, 0 for none, and the factor of both sides, 1 for none."""

    rounds: int = 0
    scale: int = 1

    @classmethod
    def of(cls, parameters: RenderParameters) -> PostSteps:
        """Return the steps that the parameters of a request ask for."""
        return cls(parameters.frame_interpolation_exp or 0, parameters.upscaling_scale or 1)

    def __bool__(self) -> bool:
        return self.rounds > 0 or self.scale != 1

    @property
    def rate(self) -> int:
        """The factor of the frame rate."""
        return 1 << self.rounds

    def applied(self, rendered: MeasuresT) -> MeasuresT:
        """Return the measures that a rendered clip has after the steps."""
        return replace(
            rendered,
            width=rendered.width * self.scale,
            height=rendered.height * self.scale,
            fps=rendered.fps * self.rate,
            frames=self.frames(rendered.frames),
        )

    def rendered(self, made: MeasuresT) -> MeasuresT:
        """Return the measures to render for a clip that has those of ``made`` in the end."""
        if not self:
            return made
        return replace(
            made,
            width=made.width // self.scale,
            height=made.height // self.scale,
            fps=made.fps // self.rate,
            frames=(made.frames - 1) // self.rate + 1,
        )

    def frames(self, rendered: int) -> int:
        """Return the count that rendered frames become."""
        return (rendered - 1) * self.rate + 1
