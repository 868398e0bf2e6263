"""Compare frames: whether two show the same scene, and how far they are apart."""

from __future__ import annotations

import av
import numpy as np

from hinode.engines.preview.noise import Field
from hinode.engines.preview.planes import planes_of

# Styles, captions and figures leave the low frequencies of a scene recognisable.
ALIKE = 0.75


def looks_like(one: av.VideoFrame, other: av.VideoFrame) -> bool:
    """Whether the brightness of two frames of one size is laid out alike."""
    first, second = _small(one), _small(other)
    spread = float(first.std() * second.std())
    if spread < 1e-3:
        return bool(np.abs(first - second).mean() < 8)
    product = (first - first.mean()) * (second - second.mean())
    return bool(product.mean() / spread > ALIKE)


def closeness(one: av.VideoFrame, other: av.VideoFrame) -> float:
    """Peak signal to noise of the luma of two frames of one size, in dB."""
    first, second = (planes_of(frame).y.astype(np.float32) for frame in (one, other))
    error = float(np.mean((first - second) ** 2))
    return 99.0 if error < 1e-6 else float(10 * np.log10(255**2 / error))


def _small(frame: av.VideoFrame) -> Field:
    """Luma as the means of blocks, at most 32 by 32 of them."""
    y = planes_of(frame).y
    down, across = (max(1, side // 32) for side in y.shape)
    rows, columns = y.shape[0] // down, y.shape[1] // across
    blocks = y[: rows * down, : columns * across].reshape(rows, down, columns, across)
    return np.asarray(blocks.mean(axis=(1, 3)), dtype=np.float32)
