"""Count the calls of a model's text encoder in renders; run with a Python that has torch.

``python -m tests.support.encoder_calls FOLDER BYTES PROMPT…`` renders the prompts one after the
other with the model in FOLDER, of which so many bytes of encodings are kept. It prints a line for
each: the calls so far, the bytes that are kept, and the digest of the frames.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from hinode.engines.base import MediaKind, RenderParameters, RenderSpec
from hinode.engines.diffusers.process.protocol import ModelOrder, RenderCommand
from hinode.engines.diffusers.rendering.pipeline_loader import load
from hinode.engines.diffusers.rendering.session import RenderSession
from hinode.engines.diffusers.weights.inspection import inspect
from hinode.kit.ids import new_id
from tests.support.whole_renders import digest, rendered


def main(folder: Path, most_bytes: int, prompts: list[str]) -> None:
    model = load(ModelOrder("tiny", inspect(folder, str(folder))))
    model.encodings.most_bytes = most_bytes
    calls: list[None] = []
    encoder = next(iter(model._pipelines.values())).text_encoder
    encoder.register_forward_hook(lambda *_: calls.append(None))
    spec = RenderSpec(
        new_id(), MediaKind.VIDEO, "", 64, 64, fps=10, frames=5, seed=7,
        parameters=RenderParameters(num_inference_steps=1),
    )  # fmt: skip
    renders = RenderSession()
    renders._model = model
    for prompt in prompts:
        with tempfile.TemporaryDirectory() as work:
            order = RenderCommand(replace(spec, prompt=prompt), Path(work), model.order)
            made = rendered(renders, order)
            assert made.artifacts, made.failure
            print(len(calls), model.encodings.size, digest(made.artifacts[0].path))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
