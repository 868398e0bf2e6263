"""Renders of two pipelines over weights that are moved by groups; run with a Python that has torch.

``python -m tests.support.grouped_renders FOLDER`` renders a prompt, a first frame and the prompt
again with the model in FOLDER, whole and by groups; the device is for the tests the CPU too. It
prints a JSON object: the parts that were prepared and how, where the VAE was in the last two
renders, and the digests of the frames.
"""

from __future__ import annotations

import json
import sys
import tempfile
from itertools import groupby
from pathlib import Path
from typing import Any
from unittest.mock import patch

from diffusers.hooks import apply_group_offloading
from PIL import Image

from hinode.engines.base import MediaKind, RenderParameters, RenderSpec
from hinode.engines.diffusers.process.protocol import ModelOrder, RenderCommand
from hinode.engines.diffusers.rendering import pipeline_loader, placement
from hinode.engines.diffusers.rendering.session import RenderSession
from hinode.engines.diffusers.weights.inspection import inspect
from hinode.engines.diffusers.weights.load_options import Placement
from hinode.kit.ids import new_id
from tests.support.whole_renders import digest, rendered


def frames(folder: Path, placed: Placement, moves: dict[str, list[str]]) -> list[str]:
    """Render three times; return the digests, and tell the moves of the VAE of each kind."""
    order, session, found = ModelOrder("tiny", inspect(folder, str(folder))), RenderSession(), []
    session._model = pipeline_loader.load(order)
    session._model.placement = placed
    with tempfile.TemporaryDirectory() as work:
        picture = Path(work, "first.png")
        Image.new("RGB", (64, 64), "teal").save(picture)
        for kind in ("text", "first", "text"):
            moves[kind] = []
            spec = RenderSpec(
                new_id(), MediaKind.VIDEO, "a boat", 64, 64, fps=8, frames=5, seed=7,
                first_frame=picture if kind == "first" else None,
                parameters=RenderParameters(num_inference_steps=1),
            )  # fmt: skip
            with patch.object(placement, "_move", lambda _, to, kind=kind: note(moves[kind], to)):
                made = rendered(session, RenderCommand(spec, Path(work), order))
            assert made.artifacts, made.failure
            found.append(digest(made.artifacts[0].path))
    return found


def note(moves: list[str], to: Any) -> None:
    moves.append("host" if to is placement._HOST else "device")


def main(folder: Path) -> None:
    prepared: list[tuple[str, str]] = []
    moves: dict[str, list[str]] = {}

    def prepare(part: Any, *args: Any, **kwargs: Any) -> None:
        name = "transformer" if hasattr(part, "blocks") else "text_encoder"
        prepared.append((name, kwargs["offload_type"]))
        apply_group_offloading(part, *args, **kwargs)

    whole = frames(folder, Placement.HOST, moves)
    with patch.object(placement, "apply_group_offloading", prepare):
        grouped = frames(folder, Placement.GROUP_OFFLOAD, moves)
    told = {
        "prepared": sorted(prepared),
        "vae": {kind: [one for one, _ in groupby(found)] for kind, found in moves.items()},
        "frames": {"whole": whole, "offloaded": grouped},
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
