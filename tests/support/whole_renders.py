"""A render with the files that it writes, in this process, and what is in them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
from PIL import Image

from hinode.engines.diffusers.process.protocol import PhaseProgress, RenderCommand, RenderReport
from hinode.engines.diffusers.rendering.session import RenderSession


def rendered(
    session: RenderSession,
    order: RenderCommand,
    report: Callable[[PhaseProgress], None] = lambda _: None,
    is_canceled: Callable[[], bool] = lambda: False,
) -> RenderReport:
    """Render a job and write its files; return the message that it ends with."""
    made = session.render(order, report, is_canceled)
    return made if isinstance(made, RenderReport) else made.write()


def digest(path: Path) -> str:
    """Return the digest of a picture's pixels, or of a video's frames and its sound."""
    found = hashlib.sha256()
    if path.suffix != ".mp4":
        with Image.open(path) as picture:
            found.update(np.asarray(picture).tobytes())
        return found.hexdigest()
    with av.open(path) as opened:
        for stream in opened.streams.get():
            opened.seek(0)
            for frame in opened.decode(stream):
                found.update(frame.to_ndarray().tobytes())  # type: ignore[union-attr]
    return found.hexdigest()
