"""Open-weight video models with the frame rules that they publish and their licences.

Sizes, rates and frame counts are those of the model cards and of the checks in diffusers 0.42.1
and sglang 0.5.23. An operator names the model that an upstream serves, and :func:`find` adds its
rules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hinode.media.size import Size
from hinode.open_models.frames import FrameRule

_APACHE = "Apache-2.0"
_LTX = "LTX-2 community licence (commercial limits)"
_MINIMAX = "MiniMax community licence (territory limits)"
_HUNYUAN = "Tencent Hunyuan community licence (territory limits)"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One open-weight model.

    ``pattern`` is a regular expression over the names that :func:`find` normalises; ``audio``: it
    renders sound; ``first_frame``: it accepts one, if the server has the weights for it.
    ``lengths`` are all that it makes, in seconds, where they are few; empty: as long as one likes.
    """

    name: str
    pattern: str
    rule: FrameRule
    first_frame: bool
    audio: bool
    licence: str
    lengths: tuple[int, ...] = ()


def find(name: str) -> Checkpoint | None:
    """Return the open-weight model with this name; None for an unknown one.

    ``name`` is the path of a repository or a common spelling; case, spaces, underscores and
    suffixes such as ``-Diffusers`` or ``-fp8`` are ignored.
    """
    folded = re.sub(r"[\s_]+", "-", name.rsplit("/", 1)[-1].lower())
    return next((one for one in CHECKPOINTS if re.search(one.pattern, folded)), None)


def _both(*landscapes: tuple[int, int]) -> tuple[Size, ...]:
    """Return each size in landscape and in portrait; a square once."""
    sizes = [size for w, h in landscapes for size in (Size(w, h), Size(h, w))]
    return tuple(dict.fromkeys(sizes))


CHECKPOINTS = (
    Checkpoint(
        "Wan2.1-T2V-1.3B", r"^(fast-?)?wan-?2\.1.*1\.3b",
        FrameRule(_both((832, 480)), fps=16, step=4, remainder=1, native_frames=81),
        first_frame=False, audio=False, licence=_APACHE,
    ),
    Checkpoint(
        "Wan2.2-TI2V-5B", r"^(fast-?)?wan-?2\.2.*5b",
        FrameRule(_both((1280, 704)), fps=24, step=4, remainder=1, native_frames=121),
        first_frame=True, audio=False, licence=_APACHE,
    ),
    Checkpoint(
        "Wan2.2-A14B", r"^(fast-?)?wan-?2\.[12].*14b",
        FrameRule(_both((1280, 720), (832, 480)), fps=16, step=4, remainder=1, native_frames=81),
        first_frame=True, audio=False, licence=_APACHE,
    ),
    Checkpoint(
        "LTX-2.5", r"^ltx-?(video-)?2\.5",
        FrameRule(_both((960, 544)), fps=24, step=8, remainder=1,
                  native_frames=121, max_frames=481),
        first_frame=True, audio=True, licence=_LTX,
    ),
    Checkpoint(
        "LTX-2", r"^ltx-?(video-)?2",
        FrameRule(_both((768, 512), (1920, 1088)), fps=24, step=8, remainder=1, native_frames=121),
        first_frame=True, audio=True, licence=_LTX,
    ),
    Checkpoint(
        "MiniMax-H3", r"^minimax-?h3",
        FrameRule(
            _both((1344, 768), (896, 512)), fps=24, step=17, remainder=5,
            native_frames=124, max_frames=345, min_frames=124
        ),
        first_frame=True, audio=True, licence=_MINIMAX,
    ),
    Checkpoint(
        "HunyuanVideo-1.5", r"^hunyuan-?video-?1\.5",
        FrameRule(_both((848, 480), (1280, 720)), fps=24, step=4, remainder=1, native_frames=121),
        first_frame=True, audio=False, licence=_HUNYUAN,
    ),
    Checkpoint(
        "HunyuanVideo", r"^hunyuan-?video",
        FrameRule(
            (*_both((1280, 720), (960, 544)), Size(960, 960)),
            fps=24, step=4, remainder=1, native_frames=129,
        ),
        first_frame=True, audio=False, licence=_HUNYUAN,
    ),
    Checkpoint(
        "CogVideoX1.5-5B", r"^cogvideox-?1\.5",
        FrameRule(_both((1360, 768)), fps=16, step=16, remainder=1,
                  native_frames=81, max_frames=161),
        first_frame=True, audio=False, licence="CogVideoX licence",
    ),
    Checkpoint(
        "CogVideoX-2B", r"^cogvideox-?2b",
        FrameRule((Size(720, 480),), fps=8, step=8, remainder=1, native_frames=49, max_frames=49),
        first_frame=False, audio=False, licence=_APACHE,
    ),
    Checkpoint(
        "CogVideoX-5B", r"^cogvideox",
        FrameRule((Size(720, 480),), fps=8, step=8, remainder=1, native_frames=49, max_frames=49),
        first_frame=True, audio=False, licence="CogVideoX licence",
    ),
    Checkpoint(
        "Mochi 1", r"^mochi",
        FrameRule(_both((848, 480)), fps=30, step=6, remainder=1, native_frames=85),
        first_frame=False, audio=False, licence=_APACHE,
    ),
    Checkpoint(
        "SANA-Video 2B", r"^sana-?video",
        FrameRule(_both((832, 480)), fps=16, step=4, remainder=1, native_frames=81),
        first_frame=True, audio=False, licence="NVIDIA open model licence",
    ),
    Checkpoint(
        "SkyReels-V2", r"^skyreels",
        FrameRule(_both((960, 544)), fps=24, step=4, remainder=1, native_frames=97),
        first_frame=True, audio=False, licence="Skywork community licence",
    ),
    Checkpoint(
        "Kandinsky 6", r"^kandinsky-?6",
        FrameRule(_both((768, 512)), fps=24, step=4, remainder=1, native_frames=121),
        first_frame=True, audio=True, licence=_APACHE,
    ),
    Checkpoint(
        "Kandinsky 5", r"^kandinsky-?5",
        FrameRule(_both((768, 512)), fps=24, step=4, remainder=1, native_frames=121),
        first_frame=True, audio=False, licence=_APACHE,
    ),
)  # fmt: skip
"""The first match wins, so a specific name stands before a general one."""
