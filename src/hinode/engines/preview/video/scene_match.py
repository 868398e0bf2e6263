"""Find out whether a frame of a source is one that we would draw, and in which style."""

from __future__ import annotations

import av
import numpy as np

from hinode.engines.base import Style
from hinode.engines.preview.drawing.planes import planes_of
from hinode.engines.preview.scene.scene import Scene

# From this many dB on, two frames are the same one but for its encoding.
SAME_FRAME_PSNR = 30.0


def match_scene(frame: av.VideoFrame, scene: Scene, index: int) -> Scene | None:
    """Return the scene in the style in which its frame ``index`` is ``frame``; None without one.

    The scene's own style is tried first: a parent's style holds unless another one is requested.
    """
    if luma_psnr(scene.frame(index), frame) >= SAME_FRAME_PSNR:
        return scene
    others = (scene.with_style(style) for style in (None, *Style))
    return next(
        (one for one in others if luma_psnr(one.frame(index), frame) >= SAME_FRAME_PSNR), None
    )


def luma_psnr(one: av.VideoFrame, other: av.VideoFrame) -> float:
    """Return peak signal to noise of the luma of two frames of one size, in dB."""
    first, second = (planes_of(frame).y.astype(np.float32) for frame in (one, other))
    error = float(np.mean((first - second) ** 2))
    return 99.0 if error < 1e-6 else float(10 * np.log10(255**2 / error))
