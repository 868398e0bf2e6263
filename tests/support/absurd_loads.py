"""Loads of configurations that are of other weights; run with a Python that has torch.

``python -m tests.support.absurd_loads FOLDER`` copies the model in FOLDER for each case of its
input, a JSON list of components and what is changed in their configuration. It prints a JSON list:
of each why it is not loaded; then the megabytes that the loads took at most.
"""

from __future__ import annotations

import json
import resource
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from hinode.engines.diffusers.process.protocol import ModelOrder
from hinode.engines.diffusers.rendering import pipeline_loader
from hinode.engines.diffusers.rendering.components import NotLoadable
from hinode.engines.diffusers.weights.inspection import inspect


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def refusal(folder: Path) -> str:
    try:
        pipeline_loader.load(ModelOrder("tiny", inspect(folder)))
    except NotLoadable as error:
        return str(error)
    return "it was loaded"


def main(model: Path, cases: list[tuple[str, dict[str, Any]]]) -> None:
    pipeline_loader.load(ModelOrder("tiny", inspect(model)))
    before, found = peak(), []
    for component, changes in cases:
        with tempfile.TemporaryDirectory() as work:
            folder = Path(work) / "model"
            shutil.copytree(model, folder)
            config = folder / component / "config.json"
            config.write_text(json.dumps({**json.loads(config.read_text()), **changes}))
            found.append(refusal(folder))
    print(json.dumps([found, peak() - before]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.load(sys.stdin))
