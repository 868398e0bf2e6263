"""Render the outputs of a job with a loaded model."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from hinode._version import __version__
from hinode.engines.base import Artifact, MediaKind, RenderSpec
from hinode.engines.diffusers.process.protocol import Phase, PhaseProgress, RenderCommand
from hinode.engines.diffusers.rendering.adapters import distilled_arguments
from hinode.engines.diffusers.rendering.arguments import PipelineCall, call_arguments, with_a_step
from hinode.engines.diffusers.rendering.clips import (
    Clip,
    NotRenderable,
    Start,
    plan_clips,
    prompt_of,
)
from hinode.engines.diffusers.rendering.lora_weights import with_loras
from hinode.engines.diffusers.rendering.picture_file import write_picture
from hinode.engines.diffusers.rendering.pictures import (
    Pixels,
    cropped,
    first_picture,
    open_mask,
    open_picture,
    pixels,
)
from hinode.engines.diffusers.rendering.pipeline_loader import LoadedModel
from hinode.engines.diffusers.rendering.post_steps import rendered_spec
from hinode.engines.diffusers.rendering.sound import fit_sound
from hinode.engines.diffusers.rendering.steps import observed
from hinode.engines.diffusers.rendering.video_file import RenderedClip, kept_frames, write_video
from hinode.engines.diffusers.rendering.weight_arguments import exact_schedule, weight_arguments
from hinode.engines.output_files import OutputPaths, file_metadata
from hinode.engines.preview.drawing.planes import to_image
from hinode.media.encode import Samples

Tell = Callable[[PhaseProgress], None]


@dataclass(frozen=True, slots=True)
class Unwritten:
    """Rendered outputs; ``write`` writes the files that are not written yet, without the model.

    ``size`` are the bytes in memory until then.
    """

    write: Callable[[], list[Artifact]]
    size: int


def render(order: RenderCommand, model: LoadedModel, tell: Tell) -> Unwritten:
    """Render all outputs; ``tell`` is called at each step, also of writing, and raises to stop.

    Raises :class:`NotRenderable`.
    """
    if model.adapter.kind is not order.spec.kind:
        kind = model.adapter.kind.value
        raise NotRenderable("model_unsupported", f"'{order.model.name}' makes {kind}s.")
    if order.spec.kind is MediaKind.IMAGE:
        return _Pictures(order, model, tell).render()
    return _Videos(replace(order, spec=rendered_spec(order.spec)), model, tell).render()


@dataclass(slots=True)
class _Renderer:
    order: RenderCommand
    model: LoadedModel
    tell: Tell
    clip: int = 0
    clips: int = 1

    @property
    def spec(self) -> RenderSpec:
        return self.order.spec

    def render(self) -> Unwritten:
        """Render output after output; all but the last are written."""
        made: list[Artifact] = []
        *earlier, last = (OutputPaths(self.order.folder, one) for one in range(self.spec.outputs))
        for paths in earlier:
            made += self.output(paths).write()
        unwritten = self.output(last)
        return Unwritten(lambda: made + unwritten.write(), unwritten.size)

    def output(self, paths: OutputPaths) -> Unwritten:
        """Render one output."""
        raise NotImplementedError

    def report(self, phase: Phase, done: float) -> None:
        """Tell of the present clip's progress."""
        self.tell(PhaseProgress(phase, done, self.clip, self.clips))

    def call(self, class_name: str, call: PipelineCall, inputs: dict[str, Any], seed: int) -> Any:
        """Run a pipeline. Raises what ``tell`` raises."""
        pipeline = self.model.pipeline(class_name)
        wanted = call_arguments(
            self.model.adapter, call, self.model.parameters(pipeline), self.defaults(pipeline)
        )
        arguments = with_a_step(wanted, self.model.usual_strength(pipeline))
        self.report(Phase.ENCODING, 0.0)
        with (
            with_loras(pipeline, self.spec.parameters.lora, self.order.model.options),
            self.model.guided(pipeline, call.parameters.guidance_scale or call.guidance),
            self.encodings_kept(pipeline),
            exact_schedule(pipeline, arguments),
            observed(pipeline, self.report),
        ):
            # Of the CPU: the same seed gives the same noise on every device.
            generator = torch.Generator("cpu").manual_seed(seed)
            return pipeline(**arguments, **inputs, generator=generator, output_type="np")

    def defaults(self, pipeline: Any) -> dict[str, Any]:
        """Return the arguments that hold where the request and the operator name none."""
        given = self.spec.parameters
        loras = (f"{one.name} {Path(one.upstream).stem}" for one in given.lora)
        return {
            **weight_arguments(pipeline, with_sound=given.generate_audio is not False),
            **distilled_arguments(*loras, self.order.model.name),
        }

    def encodings_kept(self, pipeline: Any) -> AbstractContextManager[None]:
        # LoRAs may change the text encoder.
        has_loras = bool(self.spec.parameters.lora)
        return nullcontext() if has_loras else self.model.encodings.used_by(pipeline)

    def call_of(
        self, prompt: str, frames: int, width: int, height: int, *, sized: bool
    ) -> PipelineCall:
        return PipelineCall(
            prompt,
            width,
            height,
            frames,
            self.spec.fps,
            self.spec.parameters,
            self.order.steps,
            self.order.guidance,
            sized,
        )

    def legal_size(self) -> tuple[int, int]:
        """Return the size to render, of which the plan's is the middle."""
        legal = self.model.adapter.legal_side
        return legal(self.spec.width), legal(self.spec.height)

    def metadata(self) -> dict[str, str]:
        name = self.order.model.name
        return file_metadata(self.spec.prompt, f"Made by {name} with Hinode {__version__}")


class _Pictures(_Renderer):
    def output(self, paths: OutputPaths) -> Unwritten:
        spec = self.spec
        self.clip, self.clips = paths.output, spec.outputs
        class_name, inputs = self._inputs()
        call = self.call_of(prompt_of(spec, spec.prompt), 0, *self.legal_size(), sized=True)
        found = self.call(class_name, call, inputs, spec.seed + paths.output)
        picture = cropped_picture(pixels(found.images)[0], spec)
        self.report(Phase.WRITING, 0.0)
        metadata = self.metadata()
        return Unwritten(lambda: write_picture(spec, paths, picture, metadata), picture.nbytes)

    def _inputs(self) -> tuple[str, dict[str, Any]]:
        spec, adapter = self.spec, self.model.adapter
        size = self.legal_size()
        if not spec.references:
            if adapter.text_class is None:
                message = "This model only changes pictures: send one."
                raise NotRenderable("first_frame_required", message)
            return adapter.text_class, {}
        if adapter.picture_class is None:
            message = "This model cannot change pictures: use another one."
            raise NotRenderable("first_frame_unsupported", message)
        opened = [open_picture(one, *size) for one in spec.references]
        if spec.mask is not None and adapter.mask_class is not None:
            mask = open_mask(spec.mask, *size)
            return adapter.mask_class, {"image": opened[0], "mask_image": mask}
        return adapter.picture_class, {"image": opened if adapter.several_pictures else opened[0]}


class _Videos(_Renderer):
    def output(self, paths: OutputPaths) -> Unwritten:
        order, spec = self.order, self.spec
        adapter, facts = self.model.adapter, order.model.facts
        clips = plan_clips(
            spec,
            from_text=facts.from_text and adapter.text_class is not None,
            from_picture=facts.from_picture and adapter.picture_class is not None,
            last_frame=facts.last_frame and adapter.last_frame is not None,
        )
        self.clips = len(clips) * spec.outputs
        made: list[RenderedClip] = []
        for number, clip in enumerate(clips):
            self.clip = paths.output * len(clips) + number
            made.append(self._clip(clip, made, spec.seed + paths.output))
        write = partial(
            write_video, spec, paths, made, self.metadata(), partial(self.report, Phase.WRITING)
        )
        return Unwritten(write, sum(one.size for one in made))

    def _clip(self, clip: Clip, before: list[RenderedClip], seed: int) -> RenderedClip:
        adapter, spec = self.model.adapter, self.spec
        inputs: dict[str, Any] = {}
        class_name = adapter.text_class
        if clip.start is not Start.TEXT:
            class_name = adapter.picture_class
            inputs["image"] = self._picture(clip, before)
        if clip.ends_on_picture and adapter.last_frame and spec.last_frame:
            inputs[adapter.last_frame] = open_picture(spec.last_frame, *self.legal_size())
        sized = clip.start is Start.TEXT or not adapter.sized_by_picture
        frames = adapter.legal_frames(clip.rendered_frames)
        call = self.call_of(clip.prompt, frames, *self.legal_size(), sized=sized)
        found = self.call(str(class_name), call, inputs, seed)
        return self._fitted(clip, found)

    def _picture(self, clip: Clip, before: list[RenderedClip]) -> Image.Image:
        """Return the picture that a clip starts from, in the size to render."""
        spec, size = self.spec, self.legal_size()
        if clip.start is Start.PICTURE and spec.first_frame:
            return open_picture(spec.first_frame, *size)
        if clip.start is Start.SOURCE and spec.source:
            return first_picture(spec.source, *size, spec.fps)
        if before:
            return Image.fromarray(before[-1].frames[-1]).resize(size)
        if spec.source is None:
            raise NotRenderable("source_missing", "The video to extend is missing.")
        *_, last = kept_frames(spec, spec.source)
        return to_image(last).resize(size)

    def _fitted(self, clip: Clip, found: Any) -> RenderedClip:
        """Return the frames that are wanted of those that came out, and their sound."""
        self.report(Phase.WRITING, 0.0)
        skipped = clip.rendered_frames - clip.frames
        frames = pixels(found.frames[0])[skipped : clip.rendered_frames]
        if not frames:
            raise NotRenderable("render_failed", "The model gave no frames.")
        size = self.spec.width, self.spec.height
        return RenderedClip([cropped(one, *size) for one in frames], self._sound(found, frames))

    def _sound(self, found: Any, frames: list[Pixels]) -> Samples | None:
        wanted = self.spec.parameters.generate_audio is not False
        audio = getattr(found, "audio", None)
        if not wanted or audio is None:
            return None
        waveform = audio[0].float().cpu() if torch.is_tensor(audio) else audio[0]
        return fit_sound(np.asarray(waveform), self.model.sample_rate(), len(frames), self.spec.fps)


def cropped_picture(picture: Pixels, spec: RenderSpec) -> Pixels:
    """Return the middle of a picture, of the size that is asked for where it is large enough."""
    tall, wide = picture.shape[:2]
    width, height = min(spec.width, wide), min(spec.height, tall)
    left, top = (wide - width) // 2, (tall - height) // 2
    return np.ascontiguousarray(picture[top : top + height, left : left + width])
