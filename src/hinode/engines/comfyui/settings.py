"""Settings of the engine kind of ComfyUI servers and of its workflows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from hinode.engines.base import Parameter
from hinode.engines.remote.settings import ExtraName, Scalar, ServerSettings
from hinode.media.size import Size
from hinode.open_models.checkpoints import Checkpoint, find
from hinode.open_models.frames import FrameRule


def _as_list(value: object) -> object:
    """Return a bare target, the usual form, as a list of one."""
    return [value] if isinstance(value, str) else value


Target = Annotated[str, StringConstraints(pattern=r"^[^.\s][^.]*\..+$", max_length=200)]
Targets = Annotated[tuple[Target, ...], BeforeValidator(_as_list)]
HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$")]
WorkflowName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$")]
SizeText = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{1,3}x[1-9][0-9]{1,3}$")]

PICTURE_BINDINGS = ("first_frame", "last_frame", "references")
WORKFLOW_LICENCE = "as the model of the workflow says"
BOUND_PARAMETERS = (
    Parameter.NEGATIVE_PROMPT,
    Parameter.NUM_INFERENCE_STEPS,
    Parameter.GUIDANCE_SCALE,
    Parameter.GUIDANCE_SCALE_2,
)
"""Parameters that are passed on as they are, by bindings of the same names."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EnvironmentValue(_Table):
    """The value of a header that the environment has."""

    env: str = Field(min_length=1, description="Environment variable that holds the value.")


class BindSettings(_Table):
    """The inputs of a workflow that requests set: `"NODE.INPUT"`, or a list of them."""

    prompt: Targets = Field(min_length=1, description="Required. The prompt.")
    negative_prompt: Targets = Field(default=(), description="What to avoid.")
    seed: Targets = Field(default=(), description="The seed.")
    width: Targets = Field(default=(), description="Pixels.")
    height: Targets = Field(default=(), description="Pixels.")
    frames: Targets = Field(default=(), description="The number of frames.")
    seconds: Targets = Field(
        default=(),
        description="The length, where the workflow computes its frames: (frames - 1) / fps.",
    )
    fps: Targets = Field(default=(), description="Frames per second.")
    first_frame: Targets = Field(default=(), description="Name of the picture it starts on.")
    last_frame: Targets = Field(default=(), description="Name of the picture it ends on.")
    references: Targets = Field(
        default=(), description="Names of pictures of what it shows, one target each."
    )
    num_inference_steps: Targets = Field(default=(), description="The steps.")
    guidance_scale: Targets = Field(default=(), description="The guidance (`cfg`).")
    guidance_scale_2: Targets = Field(default=(), description="That of a second sampler.")

    def all(self) -> dict[str, tuple[str, ...]]:
        """Return the targets of each binding that is given."""
        given = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: targets for name, targets in given.items() if targets}


class ExtraParamSettings(_Table):
    """A further parameter that requests may set in `extra_params`."""

    bind: Targets = Field(min_length=1, description='Required. `"NODE.INPUT"`, or a list of them.')
    min: float | None = Field(default=None, description="Lowest value of a number.")
    max: float | None = Field(default=None, description="Highest value of a number.")
    choices: tuple[Scalar, ...] = Field(
        default=(), description="The only values; else texts are free, up to 2000 characters."
    )


class FrameCountSettings(_Table):
    """The frame counts that a workflow renders: `step` × n + `remainder`."""

    step: int = Field(default=1, ge=1, le=1000, description="Step between two counts.")
    remainder: int = Field(default=0, ge=0, le=1000, description="Count beyond the steps.")
    usual: int = Field(ge=1, le=100_000, description="Required. The count it is made for.")
    min: int = Field(default=1, ge=1, le=100_000, description="Lowest count.")
    max: int | None = Field(default=None, ge=1, le=100_000, description="Highest count.")

    def allows(self, count: int) -> bool:
        """Return whether a count is one of these."""
        highest = count if self.max is None else self.max
        return self.min <= count <= highest and (count - self.remainder) % self.step == 0


class WorkflowSettings(_Table):
    """A workflow, an `[engines.NAME.workflows.NAME]` table."""

    file: Path = Field(
        description='Required. File in API format, as "Export (API)" writes it; relative to the '
        "folder of hinode.toml."
    )
    output: str = Field(min_length=1, description="Required. Number of the node that saves.")
    kind: Literal["video", "image"] | None = Field(
        default=None, description="What it makes; else what its output node tells."
    )
    model: str = Field(
        default="",
        max_length=200,
        description="Open-weight model that it renders with, whose rules then apply.",
    )
    sizes: tuple[SizeText, ...] = Field(
        default=(), description="WIDTHxHEIGHT that it renders, the usual one first; else any."
    )
    frames: FrameCountSettings | None = Field(
        default=None, description="Frame counts that it renders; else any."
    )
    fps: int | None = Field(
        default=None, ge=1, le=120, description="Frames per second that it is made for."
    )
    set: dict[Target, Scalar] = Field(
        default_factory=dict, description='Inputs with other values: {"3.steps" = 20}.'
    )
    bind: BindSettings = Field(description="Required. The inputs that requests set.")
    requires: tuple[Literal["first_frame", "last_frame", "references"], ...] = Field(
        default=(),
        description="Pictures that it cannot do without: requests that lack them are refused. "
        "`references` count where it makes images.",
    )
    last_frame_needs_first: bool = Field(
        default=False, description="It takes a last frame only with a first one."
    )
    extra_params: dict[ExtraName, ExtraParamSettings] = Field(
        default_factory=dict, description="Further parameters that requests may set."
    )

    @field_validator("sizes")
    @classmethod
    def _check_sizes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(int(side) % 2 for size in value for side in size.split("x")):
            raise ValueError("sides are even")
        return value

    @field_validator("model")
    @classmethod
    def _check_model(cls, value: str) -> str:
        if value and find(value) is None:
            raise ValueError(
                f"the rules of {value!r} are not known; leave it out, and state sizes, frames and "
                "fps instead"
            )
        return value

    @property
    def own_rule(self) -> FrameRule | None:
        """The rule of its own that is stated; None without one."""
        if self.frames is None or self.fps is None:
            return None
        return FrameRule(
            tuple(Size(*map(int, text.split("x"))) for text in self.sizes),
            fps=self.fps,
            step=self.frames.step,
            remainder=self.frames.remainder,
            native_frames=self.frames.usual,
            max_frames=self.frames.max,
            min_frames=self.frames.min,
        )

    @model_validator(mode="after")
    def _check_pictures(self) -> WorkflowSettings:
        needed = {*self.requires, *(PICTURE_BINDINGS[:2] if self.last_frame_needs_first else ())}
        for name in PICTURE_BINDINGS:
            if name in needed and not getattr(self.bind, name):
                raise ValueError(f"requests need its {name}, which bind does not have")
        return self

    @model_validator(mode="after")
    def _check_rule(self) -> WorkflowSettings:
        if self.bind.frames and self.bind.seconds:
            raise ValueError("bind.frames and bind.seconds exclude each other; keep one of them")
        if self.model and (self.sizes or self.frames or self.fps):
            raise ValueError("model excludes sizes, frames and fps: it has rules of its own")
        given = [one for one in (self.sizes, self.frames, self.fps) if one]
        if given and len(given) < 3:
            raise ValueError("sizes, frames and fps are one rule: give all three, or none")
        if self.frames is not None and not self.frames.allows(self.frames.usual):
            raise ValueError("frames.usual is none of the counts that frames allows")
        return self


class ComfyUISettings(ServerSettings):
    """An ``[engines.NAME]`` table with ``kind = "comfyui"``."""

    kind: Literal["comfyui"] = Field(description="`comfyui`: a ComfyUI server, 0.26 or newer.")
    concurrency: int = Field(
        default=2, ge=1, le=2000, description="Jobs that one server of ours has there at once."
    )
    headers: dict[HeaderName, str | EnvironmentValue] = Field(
        default_factory=dict,
        repr=False,
        description='Headers of every request: {X-Key = {env = "COMFY_KEY"}}, or a text.',
    )
    workflows: dict[WorkflowName, WorkflowSettings] = Field(
        min_length=1, description="Required. What it renders; models name one as `upstream`."
    )
    workflow: str = Field(
        default="",
        description="Workflow of models that name no `upstream`; not needed if there is only one.",
    )

    @field_validator("workflow")
    @classmethod
    def _check_workflow(cls, value: str, info: Any) -> str:
        names = info.data.get("workflows", {value: None})
        if value and value not in names:
            raise ValueError(f"there is no workflow {value!r}; there are: {', '.join(names)}")
        return value

    @property
    def default_workflow(self) -> str | None:
        """The workflow of models that name none; None where the operator must say."""
        return self.workflow or (next(iter(self.workflows)) if len(self.workflows) == 1 else None)

    def checkpoint_of(self, upstream: str | None) -> Checkpoint | None:
        """Return the open-weight model of a workflow, or one that is its own stated rule."""
        workflow = self.workflows.get(upstream or self.default_workflow or "")
        if workflow is None:
            return super().checkpoint_of(upstream)
        rule, licence = workflow.own_rule, self.licence or WORKFLOW_LICENCE
        if rule is not None:
            name = upstream or self.default_workflow or ""
            takes_picture = bool(workflow.bind.first_frame)
            return Checkpoint(name, "", rule, takes_picture, False, licence)
        return super().checkpoint_of(workflow.model or upstream)

    def with_files_in(self, folder: Path) -> Self:
        """Return the settings with the files of workflows relative to a folder."""
        found = {
            name: one.model_copy(update={"file": folder / one.file.expanduser()})
            for name, one in self.workflows.items()
        }
        return self.model_copy(update={"workflows": found})
