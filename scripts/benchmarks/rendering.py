"""Rendering speed as a ratio: the preview engine beside a test pattern in the same encoder."""

from __future__ import annotations

import contextlib
import io
import tempfile
from pathlib import Path

import bench_preview

from benchmarks.report import DeliveryTarget, Line, Part


def measure(seconds: float) -> Part:
    """Compare clips of so many seconds; `bench_preview.py` alone shows each prompt."""
    lines, targets = [], []
    # What the comparison prints clip by clip would break the one table.
    with tempfile.TemporaryDirectory() as name, contextlib.redirect_stdout(io.StringIO()):
        folder = Path(name)
        bench_preview.reference(bench_preview.CLIP_SIZES[0], bench_preview.PROMPTS[0], 1, folder)
        for clip_size in bench_preview.CLIP_SIZES:
            ratio = bench_preview.compare(clip_size, seconds, folder)
            what = f"preview {clip_size.width}x{clip_size.height} / testsrc2"
            lines.append(Line(what, f"{ratio:.2f}", "frames per second, encoding included"))
            targets.append(DeliveryTarget(what, ratio, clip_size.min_ratio, "×"))
    return Part(lines, targets)
