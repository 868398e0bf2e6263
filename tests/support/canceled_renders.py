"""Renders that are canceled in each phase, by family; run with a Python that has torch.

``python -m tests.support.canceled_renders FOLDER`` renders with each tiny model in FOLDER, in all
ways that it can. It prints a JSON object by model and way: what each cancel led to, or the error
that ended the case.
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from PIL import Image

from hinode.engines.base import MediaKind, RenderParameters, RenderSpec
from hinode.engines.diffusers.process.protocol import (
    ModelOrder,
    Phase,
    PhaseProgress,
    RenderCommand,
    RenderReport,
)
from hinode.engines.diffusers.rendering import pipeline_loader
from hinode.engines.diffusers.rendering.adapters import BY_CLASS
from hinode.engines.diffusers.rendering.session import RenderSession
from hinode.engines.diffusers.weights.inspection import inspect
from hinode.kit.ids import new_id
from tests.support.whole_renders import digest, rendered

STEPS, HALF = 4, 2
_DENOISERS = ("transformer", "transformer_2", "unet")
_ENCODERS = ("text_encoder", "text_encoder_2")


class Canceling:
    """Counts what a render does, and cancels it in one phase."""

    def __init__(self, phase: Phase | None) -> None:
        self.phase = phase
        self.canceled = False
        self.told: list[Phase] = []
        self.denoised = self.decoded = self.steps = 0

    def report(self, made: PhaseProgress) -> None:
        assert not self.canceled, "told of progress after its cancel"
        self.told.append(made.phase)
        self.steps += made.phase is Phase.STEPS and made.done > 0.0

    def encodes(self, *_: Any) -> None:
        self.canceled = self.canceled or self.phase is Phase.ENCODING

    def denoises(self, *_: Any) -> None:
        self.denoised += 1
        self.canceled = self.canceled or (self.phase is Phase.STEPS and self.steps == HALF)

    def decodes(self) -> None:
        self.decoded += 1
        self.canceled = self.canceled or self.phase is Phase.DECODING

    @contextmanager
    def watching(self, pipeline: Any) -> Iterator[None]:
        """See the calls of a pipeline's parts."""
        parts = pipeline.components
        with ExitStack() as stack:
            for names, seen in ((_ENCODERS, self.encodes), (_DENOISERS, self.denoises)):
                for part in filter(None, (parts.get(name) for name in names)):
                    # Before it begins: so the cancel comes while it works.
                    stack.callback(part.register_forward_pre_hook(seen).remove)
                    if names is _ENCODERS and hasattr(part, "model"):
                        # MiniMax-H3 calls this alone.
                        stack.callback(part.model.register_forward_pre_hook(seen).remove)
            kind = type(parts["vae"])
            stack.enter_context(patch.object(kind, "decode", self._counted(kind.decode)))
            yield

    def _counted(self, decode: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **kwargs: Any) -> Any:
            self.decodes()
            return decode(*args, **kwargs)

        return counted


class Renders:
    """One session with a model, which renders in one way: ``text``, ``picture`` or ``mask``."""

    def __init__(self, folder: Path, way: str, picture: Path, mask: Path) -> None:
        facts = inspect(folder, str(folder))
        self.order = ModelOrder("tiny", facts)
        self.session = RenderSession()
        self.session._model = pipeline_loader.load(self.order)
        adapter = BY_CLASS[facts.pipeline_class]
        classes = {"text": adapter.text_class, "picture": adapter.picture_class}
        self.class_name = str(classes.get(way, adapter.mask_class))
        frames = adapter.legal_frames(5)
        self.spec = RenderSpec(
            new_id(), facts.kind, "a boat", 64, 64, fps=24, frames=frames, seed=7,
            parameters=RenderParameters(num_inference_steps=self._steps()),
        )  # fmt: skip
        given: dict[str, Any] = {} if way == "text" else {"first_frame": picture}
        if facts.kind is MediaKind.IMAGE:
            given = {"frames": 1, "references": () if way == "text" else (picture,)}
            given["mask"] = mask if way == "mask" else None
        self.spec = replace(self.spec, **given)

    def _steps(self) -> int:
        """Return what to ask for to get as many steps."""
        model = self.session._model
        if self.class_name == "MiniMaxH3ModularPipeline":
            return STEPS + 1  # counts the ends of its steps
        assert model
        # A picture is changed in a part of the steps.
        usual = model.usual_strength(model.pipeline(self.class_name))
        return math.ceil(STEPS / (usual or 1.0))

    def whole(self) -> tuple[str, Canceling]:
        """Render without a cancel; return the digest of the frames and the sound."""
        watch = Canceling(None)
        with tempfile.TemporaryDirectory() as work:
            ended = self._ended(self.spec, Path(work), watch)
            assert ended.failure is None, ended.failure
            assert ended.artifacts
            return digest(ended.artifacts[0].path), watch

    def canceled(self, phase: Phase) -> dict[str, Any]:
        """Render another prompt until the cancel; return what came of it."""
        watch = Canceling(phase)
        other = replace(self.spec, prompt=f"a ship, {phase}", seed=11, job_id=new_id())
        with tempfile.TemporaryDirectory() as work:
            ended = self._ended(other, Path(work), watch)
            files = [one.name for one in Path(work).rglob("*") if one.is_file()]
        failure = None if ended.failure is None else ended.failure.message
        return {
            "canceled": ended.canceled, "failure": failure, "files": files, "heard": watch.canceled,
            "steps": watch.steps, "denoised": watch.denoised, "decoded": watch.decoded,
        }  # fmt: skip

    def _ended(self, spec: RenderSpec, work: Path, watch: Canceling) -> RenderReport:
        assert self.session._model
        known = self.session._model
        first = next(iter(known._pipelines.values()))
        with watch.watching(first):
            command = RenderCommand(spec, work, self.order)
            return rendered(self.session, command, watch.report, lambda: watch.canceled)


def ways(folder: Path) -> Iterator[str]:
    """Yield the ways in which a model renders."""
    facts = inspect(folder)
    if facts.from_text:
        yield "text"
    if facts.from_picture:
        yield "picture"
    if BY_CLASS[facts.pipeline_class].mask_class is not None:
        yield "mask"


def case(renders: Renders) -> dict[str, Any]:
    whole, watch = renders.whole()
    found: dict[str, Any] = {
        "class": renders.class_name, "steps_of_whole": watch.steps, "calls": watch.denoised,
    }  # fmt: skip
    for phase in (Phase.ENCODING, Phase.STEPS, Phase.DECODING):
        found[phase] = renders.canceled(phase) | {"same": renders.whole()[0] == whole}
    return found


def main(folder: Path, names: list[str]) -> None:
    found: dict[str, Any] = {}
    torch.set_num_threads(1)  # these sums are too small to share
    with tempfile.TemporaryDirectory() as work:
        picture, mask = Path(work) / "picture.png", Path(work) / "mask.png"
        Image.linear_gradient("L").convert("RGB").resize((90, 70)).save(picture)
        Image.linear_gradient("L").resize((90, 70)).save(mask)
        for model in sorted(one.parent for one in folder.glob("*/*model_index.json")):
            for way in ways(model):
                if names and model.name not in names:
                    continue
                try:
                    made = case(Renders(model, way, picture, mask))
                except BaseException:
                    made = {"error": traceback.format_exc()}
                found[f"{model.name} {way}"] = made
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
