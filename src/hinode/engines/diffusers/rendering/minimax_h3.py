"""MiniMax-H3, which diffusers has as a modular pipeline only, called as the other pipelines are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import diffusers
import torch
from PIL import Image

_LEAST_STEPS = 2
"""Its scheduler counts the points of a schedule, of which the last one is no step."""
_WORKFLOW = "fl2va"
"""Renders a prompt, from a first and to a last frame too; references have weights of their own."""


@dataclass(frozen=True, slots=True)
class RenderedVideo:
    """The frames of a clip and its sound."""

    frames: Any
    audio: torch.Tensor


class MiniMaxH3ModularPipeline:
    """A loaded MiniMax-H3; what it has not itself is that of the modular pipeline."""

    def __init__(self, pipeline: Any) -> None:
        self._modular = pipeline

    @classmethod
    def from_pretrained(cls, folder: Path, **options: Any) -> MiniMaxH3ModularPipeline:
        """Load the parts of a folder that are rendered with; those among the options are taken.

        Raises ``OSError`` for a part that cannot be loaded: the library only logs it.
        """
        pipeline = diffusers.ModularPipeline.from_pretrained(folder, local_files_only=True)
        used = {one.name for one in pipeline.blocks.get_workflow(_WORKFLOW).expected_components}
        wanted = used.intersection(pipeline.pretrained_component_names)
        made = {name: options.pop(name) for name in wanted & options.keys()}
        pipeline.update_components(**made)
        pipeline.load_components(
            names=sorted(wanted - made.keys()),
            # The index may name the repository: nothing is ever got from there.
            pretrained_model_name_or_path=str(folder),
            **options,
        )
        absent = sorted(name for name in wanted if getattr(pipeline, name, None) is None)
        if absent:
            raise OSError(f"{', '.join(absent)} cannot be loaded; the log says why")
        return cls(pipeline)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._modular, name)

    @property
    def audio_sample_rate(self) -> int:
        """The rate of the sound."""
        return int(self._modular.audio_sampling_rate)

    @property
    def components(self) -> Mapping[str, Any]:
        """The parts that are there."""
        return {name: one for name, one in self._modular.components.items() if one is not None}

    def enable_model_cpu_offload(self, device: str) -> None:
        """Have one part at a time on a device."""
        manager = diffusers.ComponentsManager()
        for name, part in self.components.items():
            manager.add(name, part)
        manager.enable_auto_cpu_offload(device=device)

    def maybe_free_model_hooks(self) -> None:
        """Do nothing: a part leaves the device when another one needs its place."""

    def __call__(
        self,
        prompt: str,
        width: int,
        height: int,
        num_frames: int,
        generator: torch.Generator,
        num_inference_steps: int | None = None,
        image: Image.Image | None = None,
        last_image: Image.Image | None = None,
        output_type: str = "np",
    ) -> RenderedVideo:
        """Render a clip."""
        steps = num_inference_steps and max(_LEAST_STEPS, num_inference_steps)
        wanted = {"num_inference_steps": steps, "image": image, "last_image": last_image}
        with self._told():
            made = self._modular(
                prompt=prompt, width=width, height=height, num_frames=num_frames,
                generator=generator, output_type=output_type, output=["videos", "audio"],
                **{name: value for name, value in wanted.items() if value is not None},
            )  # fmt: skip
        return RenderedVideo(made["videos"], made["audio"])

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Have the loops of steps use the bar that was set on this pipeline, if one was."""
        bar = self.__dict__.get("progress_bar")
        loops = [one for one in _blocks(self._modular._blocks) if hasattr(one, "progress_bar")]
        if bar is None:
            loops = []
        for one in loops:
            one.progress_bar = bar
        try:
            yield
        finally:
            for one in loops:
                del one.progress_bar


def _blocks(block: Any) -> Iterator[Any]:
    yield block
    for one in getattr(block, "sub_blocks", {}).values():
        yield from _blocks(one)
