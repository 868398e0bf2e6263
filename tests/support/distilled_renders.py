"""Renders with the schedule of a distilled model; run with a Python that has torch.

``python -m tests.support.distilled_renders FOLDER`` renders with the LTX-2 in FOLDER under the name
of a distilled one, without steps in the request and with two. It prints a JSON list: of each, the
noise levels that the denoiser saw and its calls; then whether the usual scheduler is back.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from hinode.engines.base import MediaKind, RenderParameters, RenderSpec
from hinode.engines.diffusers.process.protocol import ModelOrder, RenderCommand
from hinode.engines.diffusers.rendering import pipeline_loader
from hinode.engines.diffusers.rendering.session import RenderSession
from hinode.engines.diffusers.weights.inspection import inspect
from hinode.kit.ids import new_id
from tests.support.whole_renders import rendered


def main(folder: Path) -> None:
    order = ModelOrder("Lightricks/LTX-2.5-Diffusers", inspect(folder))
    session = RenderSession()
    session._model = pipeline_loader.load(order)
    pipeline = session._model.pipeline(order.facts.pipeline_class)
    usual = pipeline.scheduler
    seen: list[float] = []

    def denoises(_module: Any, _args: Any, given: dict[str, Any]) -> None:
        seen.append(round(float(given["sigma"].flatten()[0]) / 1000, 6))

    pipeline.transformer.register_forward_pre_hook(denoises, with_kwargs=True)
    found: list[Any] = []
    for steps in (None, 2):
        seen.clear()
        parameters = RenderParameters(num_inference_steps=steps)
        spec = RenderSpec(
            new_id(), MediaKind.VIDEO, "a boat", 64, 64, fps=24, frames=9, seed=7,
            parameters=parameters,
        )  # fmt: skip
        with tempfile.TemporaryDirectory() as work:
            ended = rendered(session, RenderCommand(spec, Path(work), order))
        assert ended.failure is None, ended.failure
        found.append([*seen])
    print(json.dumps([*found, pipeline.scheduler is usual]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
