"""Rendering speed as a ratio: the preview engine beside a test pattern in the same encoder."""

from __future__ import annotations

import contextlib
import io
import tempfile
from pathlib import Path

import bench_preview

from benchmarks.report import Line, Part, Target


def measure(seconds: float) -> Part:
    """Compare clips of so many seconds; `bench_preview.py` alone shows each prompt."""
    lines, targets = [], []
    # What the comparison prints clip by clip would break the one table.
    with tempfile.TemporaryDirectory() as name, contextlib.redirect_stdout(io.StringIO()):
        folder = Path(name)
        bench_preview.reference(bench_preview.SHAPES[0], bench_preview.PROMPTS[0], 1, folder)
        for shape in bench_preview.SHAPES:
            ratio = bench_preview.compare(shape, seconds, folder)
            what = f"preview {shape.width}x{shape.height} / testsrc2"
            lines.append(Line(what, f"{ratio:.2f}", "frames per second, encoding included"))
            targets.append(Target(what, ratio, shape.least, "×"))
    return Part(lines, targets)
