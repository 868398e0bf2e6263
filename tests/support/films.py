"""Small real videos for tests."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np


def write_film(
    path: Path,
    width: int = 64,
    height: int = 64,
    seconds: float = 2.0,
    fps: int = 10,
    comment: str = "",
) -> Path:
    """Write an MP4 (or what the suffix says) that gets brighter, without sound."""
    with av.open(str(path), "w") as container:
        container.metadata["comment"] = comment
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        total = round(seconds * fps)
        for number in range(total):
            picture = np.full((height, width, 3), 255 * number // total, dtype=np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path
