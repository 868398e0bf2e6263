"""Render with models that are loaded by other options; run with a Python that has torch.

``python loaded_models.py FOLDER`` reads a JSON list of loads: the name of a tiny model in FOLDER,
its options, the LoRA and the single files if any, and how its weights are placed: the device that
they are moved to is for the tests the CPU too. It renders each once and prints a JSON line: the
shape of the frames, their mean difference from those of the same model by the usual options, the
bytes of its weights in memory and those that its folder's headers foretell, whether a part of it
was compiled; or the code and message of its failure.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import av
import numpy as np
import torch
from PIL import Image
from torch.utils._python_dispatch import is_traceable_wrapper_subclass

from hinode.engines.base import Lora, MediaKind, RenderParameters, RenderSpec
from hinode.engines.diffusers.process.protocol import ModelOrder, RenderCommand
from hinode.engines.diffusers.rendering.pipeline_loader import load
from hinode.engines.diffusers.rendering.session import RenderSession
from hinode.engines.diffusers.weights.facts import WeightsFile
from hinode.engines.diffusers.weights.inspection import inspect
from hinode.engines.diffusers.weights.load_options import LoadOptions, Placement, Quantization
from hinode.engines.diffusers.weights.memory import component_bytes
from hinode.kit.ids import new_id
from tests.support import whole_renders

SIZE, FRAMES = 64, 9


def main(folder: Path, loads: list[dict[str, Any]]) -> None:
    usual: dict[str, Any] = {}
    for one in loads:
        given = dict(one["options"])
        if "quantization" in given:
            given["quantization"] = Quantization(given["quantization"])
        options, lora = LoadOptions(**given), folder / one["lora"] if "lora" in one else None
        key = f"{one['model']} {lora}"
        if key not in usual:
            usual[key] = rendered(folder / one["model"], LoadOptions(), lora)["frames"]
        found = rendered(
            folder / one["model"],
            options,
            lora,
            placement=Placement(one["placed"]) if "placed" in one else None,
            files=own_files(folder, one),
        )
        frames = found.pop("frames", None)
        if frames is not None:
            found["shape"] = frames.shape
            found["difference"] = float(np.abs(frames - usual[key]).mean())
        print(json.dumps(found), flush=True)


def own_files(folder: Path, load: dict[str, Any]) -> tuple[WeightsFile, ...]:
    """Return the files of a load, each with its digest unless that is given."""
    found = []
    for component, name in load.get("files", {}).items():
        digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        found.append(WeightsFile(component, folder / name, load.get("sha256", digest)))
    return tuple(found)


def rendered(
    folder: Path,
    options: LoadOptions,
    lora: Path | None,
    *,
    placement: Placement | None = None,
    files: tuple[WeightsFile, ...] = (),
) -> dict[str, Any]:
    facts = inspect(folder, str(folder), files)
    spec = RenderSpec(
        new_id(), facts.kind, "a boat", SIZE, SIZE, fps=8, frames=FRAMES, seed=7, model="tiny",
        parameters=RenderParameters(
            num_inference_steps=2, lora=(Lora("own", 1.0, str(lora)),) if lora else ()
        ),
    )  # fmt: skip
    session = RenderSession()
    model = ModelOrder("tiny", facts, options)
    if placement is not None:
        session._model = load(model)
        session._model.placement = placement
    with tempfile.TemporaryDirectory() as work:
        order = RenderCommand(spec, Path(work), model)
        report = whole_renders.rendered(session, order)
        if report.failure:
            return {"failure": [report.failure.code, report.failure.message]}
        assert report.artifacts
        frames = read(report.artifacts[0].path, facts.kind)
    assert session._model
    (pipeline,) = session._model._pipelines.values()
    parts = {one.name: getattr(pipeline, one.name) for one in facts.components}
    return {
        "frames": frames,
        "bytes": sum(map(held, parts.values())),
        "compiled": any(
            one._compiled_call_impl is not None for part in parts.values() for one in part.modules()
        ),
        "foretold": sum(component_bytes(one, options, on_card=False) for one in facts.components),
    }


def read(path: Path, kind: MediaKind) -> Any:
    if kind is MediaKind.IMAGE:
        return np.asarray(Image.open(path).convert("RGB"), dtype=np.float32)[None]
    with av.open(path) as opened:
        frames = [one.to_ndarray(format="rgb24") for one in opened.decode(video=0)]
    return np.stack(frames).astype(np.float32)


def held(part: torch.nn.Module) -> int:
    """Return the bytes of all weights, each once."""
    tensors = {id(one): one for one in part.parameters()}
    return sum(map(size, tensors.values()))


def size(tensor: Any) -> int:
    if not is_traceable_wrapper_subclass(tensor):
        return int(tensor.nbytes)
    names, _ = tensor.__tensor_flatten__()
    return sum(size(getattr(tensor, one)) for one in names)


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.load(sys.stdin))
