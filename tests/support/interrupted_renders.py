"""Renders that end early, and models that do not fit; run with a Python that has torch.

``python interrupted_renders.py FOLDER`` loads the model in FOLDER with one component at a time on
the device, which for the tests is the CPU too. It prints a JSON object: how each render ended, how
often its weights were put back, the components that are moved, in their order, after it, and the
digest of the render after.
``python interrupted_renders.py FOLDER BYTES…`` prints the placement of the model on a card of so
many free bytes, and what was called to bring it there, or why it is not loaded.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch

from hinode.engines.base import MediaKind, RenderParameters, RenderSpec
from hinode.engines.diffusers.process.protocol import ModelOrder, Phase, RenderCommand, RenderReport
from hinode.engines.diffusers.rendering import pipeline_loader, placement
from hinode.engines.diffusers.rendering.components import NotLoadable
from hinode.engines.diffusers.rendering.session import RenderSession
from hinode.engines.diffusers.weights.inspection import inspect
from hinode.engines.diffusers.weights.load_options import Placement
from hinode.kit.ids import new_id
from tests.support.whole_renders import digest, rendered

_MOVERS = ("enable_model_cpu_offload", "to")
PLENTY = 1 << 40


class Renders:
    """One session with a model that is moved component by component."""

    def __init__(self, folder: Path) -> None:
        self.order = ModelOrder("tiny", inspect(folder, str(folder)))
        self.session = RenderSession()
        self.session._model = pipeline_loader.load(self.order)
        self.session._model.placement = Placement.MODEL_OFFLOAD

    def placed(self) -> Any:
        """Return the pipeline with its weights in their places."""
        assert self.session._model
        return self.session._model.pipeline(self.order.facts.pipeline_class)

    def render(self, cancel_at: Phase | None = None) -> tuple[RenderReport, str]:
        seen: list[Phase] = []
        spec = RenderSpec(
            new_id(), MediaKind.VIDEO, "a boat", 64, 64, fps=8, frames=5, seed=7,
            parameters=RenderParameters(num_inference_steps=2),
        )  # fmt: skip
        with tempfile.TemporaryDirectory() as work:
            ended = rendered(
                self.session,
                RenderCommand(spec, Path(work), self.order),
                lambda made: seen.append(made.phase),
                lambda: cancel_at is not None and cancel_at in seen,
            )
            return ended, digest(ended.artifacts[0].path) if ended.artifacts else ""

    def moved(self) -> list[str]:
        """Return the components that have a hook, in the order in which they follow each other."""
        names = {id(part): name for name, part in self.placed().components.items()}
        return [names[id(hook.model)] for hook in self.placed()._all_hooks]

    def failing(self, error: BaseException) -> tuple[RenderReport, str]:
        """Render with a decoder that fails."""
        with patch.object(self.placed().vae.decoder, "forward", side_effect=error):
            return self.render()


def main(folder: Path) -> None:
    renders = Renders(folder)
    cases: dict[str, Callable[[], tuple[RenderReport, str]]] = {
        "whole": renders.render,
        "canceled": lambda: renders.render(Phase.STEPS),
        "failed": lambda: renders.failing(ValueError("no such shape")),
        "out of memory": lambda: renders.failing(torch.OutOfMemoryError("CUDA out of memory")),
        # As the libraries of a card tell it.
        "kernel": lambda: renders.failing(torch.AcceleratorError("CUDA error: unknown error")),
        "convolution": lambda: renders.failing(
            RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED")
        ),
        "no handle": lambda: renders.failing(
            RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate`")
        ),
    }
    found = {}
    for name, case in cases.items():
        freed = "maybe_free_model_hooks"
        pipeline = renders.placed()
        with patch.object(pipeline, freed, wraps=getattr(pipeline, freed)) as calls:
            ended, frames = case()
        failure = ended.failure and [ended.failure.code, ended.failure.fatal]
        after = renders.render()[1]
        found[name] = {
            "canceled": ended.canceled, "failure": failure, "frames": frames, "after": after,
            "moved": renders.moved(), "freed": calls.call_count,
        }  # fmt: skip
    print(json.dumps(found))


def placements(folder: Path, cards: list[int]) -> None:
    order = ModelOrder("tiny", inspect(folder, str(folder)))
    found = []
    for card in cards:
        with (
            patch.object(pipeline_loader, "device_name", return_value="cuda"),
            patch.object(pipeline_loader, "free_host_memory", return_value=PLENTY),
            patch.object(torch.cuda, "mem_get_info", return_value=(card, card)),
        ):
            found.append(_placed(order))
    print(json.dumps(found))


def _placed(order: ModelOrder) -> list[str]:
    try:
        model = pipeline_loader.load(order)
    except NotLoadable as error:
        return ["refused", str(error)]
    kind = type(next(iter(model._pipelines.values())))
    with ExitStack() as stack:
        movers = {one: stack.enter_context(patch.object(kind, one)) for one in _MOVERS}
        by_blocks = "apply_group_offloading"
        movers[by_blocks] = stack.enter_context(patch.object(placement, by_blocks))
        model.pipeline(kind.__name__)
    return [model.placement.value, *(name for name, one in movers.items() if one.called)]


if __name__ == "__main__":
    if sys.argv[2:]:
        placements(Path(sys.argv[1]), list(map(int, sys.argv[2:])))
    else:
        main(Path(sys.argv[1]))
