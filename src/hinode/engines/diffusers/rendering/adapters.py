"""The pipeline classes of diffusers and how each is called.

The facts are those of diffusers 0.42.1: argument names, and the counts and sizes that came out of
each class when it was run with weights of its true compression ratios.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hinode.media.types import MediaKind


@dataclass(frozen=True, slots=True)
class Adapter:
    """The way in which a family of pipeline classes is called.

    ``text_class`` renders a prompt, ``picture_class`` a first frame (of pictures: changes one),
    ``mask_class`` changes one where a mask is white; None: the family has no such class.
    Legal frame counts are ``frame_step`` * n + ``remainder``, from ``least_frames`` on, sides
    multiples of ``multiple``.
    ``frames_argument`` and ``rate_argument`` are the names of the count and the rate, ``guidance``
    that of the guidance scale; with ``guider`` it is set on a component instead. ``last_frame`` is
    the name of the picture to end on. ``several_pictures``: it takes a list of pictures.
    ``arguments`` are given at every call.
    """

    text_class: str | None
    picture_class: str | None = None
    mask_class: str | None = None
    kind: MediaKind = MediaKind.VIDEO
    frame_step: int = 4
    remainder: int = 1
    least_frames: int = 1
    multiple: int = 16
    frames_argument: str = "num_frames"
    rate_argument: str | None = None
    guidance: str = "guidance_scale"
    guider: bool = False
    last_frame: str | None = None
    several_pictures: bool = False
    sized_by_picture: bool = False
    sound: bool = False
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def legal_frames(self, wanted: int) -> int:
        """Return the lowest legal frame count that is not below ``wanted``."""
        over = max(wanted, self.least_frames) - self.remainder
        return -(-over // self.frame_step) * self.frame_step + self.remainder

    def legal_side(self, wanted: int) -> int:
        """Return the lowest legal side that is not below ``wanted``."""
        return -(-wanted // self.multiple) * self.multiple

    def classes(self) -> tuple[str, ...]:
        """Return the names of its classes."""
        named = (self.text_class, self.picture_class, self.mask_class)
        return tuple(dict.fromkeys(one for one in named if one))


# Wan's image-to-video class takes both ends; its VAE of 2.2 5B has sides of 32 pixels.
_WAN = Adapter("WanPipeline", "WanImageToVideoPipeline", last_frame="last_image", multiple=32)
_LTX2 = Adapter(
    "LTX2Pipeline", "LTX2ImageToVideoPipeline",
    frame_step=8, multiple=32, rate_argument="frame_rate", sound=True,
)  # fmt: skip
_HUNYUAN15 = Adapter(
    "HunyuanVideo15Pipeline", "HunyuanVideo15ImageToVideoPipeline",
    guider=True, sized_by_picture=True,
)  # fmt: skip
_COG = Adapter("CogVideoXPipeline", "CogVideoXImageToVideoPipeline", frame_step=8)
_MOCHI = Adapter("MochiPipeline", frame_step=6)
# Binning would replace the size by another one, and cut the frames to it afterwards.
_SANA = Adapter(
    "SanaVideoPipeline", "SanaImageToVideoPipeline",
    multiple=32, frames_argument="frames", arguments={"use_resolution_binning": False},
)  # fmt: skip
# On a first frame, clips of five to thirteen frames come out as no numbers.
_KANDINSKY5 = Adapter("Kandinsky5T2VPipeline", "Kandinsky5I2VPipeline", least_frames=17)
_KANDINSKY6 = Adapter(
    "Kandinsky6TI2VAPipeline", "Kandinsky6TI2VAPipeline",
    rate_argument="frame_rate", multiple=32, sound=True,
)  # fmt: skip
# Of at least five seconds, at 24 frames a second whatever is asked for.
_MINIMAX_H3 = Adapter(
    "MiniMaxH3ModularPipeline", "MiniMaxH3ModularPipeline", last_frame="last_image", sound=True,
    frame_step=17, remainder=5, least_frames=124, multiple=32,
)  # fmt: skip
_PICTURE = Adapter(None, kind=MediaKind.IMAGE)

ADAPTERS = (
    _WAN,
    _LTX2,
    _HUNYUAN15,
    _COG,
    _MOCHI,
    _SANA,
    _KANDINSKY5,
    _KANDINSKY6,
    _MINIMAX_H3,
    replace(
        _PICTURE,
        text_class="ZImagePipeline",
        picture_class="ZImageImg2ImgPipeline",
        mask_class="ZImageInpaintPipeline",
    ),
    replace(
        _PICTURE,
        text_class="QwenImagePipeline",
        picture_class="QwenImageImg2ImgPipeline",
        mask_class="QwenImageInpaintPipeline",
        guidance="true_cfg_scale",
    ),
    replace(_PICTURE, picture_class="QwenImageEditPipeline", guidance="true_cfg_scale"),
    replace(
        _PICTURE,
        picture_class="QwenImageEditPlusPipeline",
        guidance="true_cfg_scale",
        several_pictures=True,
    ),
    replace(
        _PICTURE,
        text_class="Flux2KleinPipeline",
        picture_class="Flux2KleinPipeline",
        several_pictures=True,
    ),
    replace(
        _PICTURE,
        text_class="StableDiffusionXLPipeline",
        picture_class="StableDiffusionXLImg2ImgPipeline",
        mask_class="StableDiffusionXLInpaintPipeline",
    ),
)

BY_CLASS: Mapping[str, Adapter] = {
    name: adapter for adapter in ADAPTERS for name in adapter.classes()
} | {"LTX2ConditionPipeline": _LTX2}

DISTILLED: Mapping[str, Mapping[str, Any]] = {
    r"ltx-2\.5(?!.*\b(dev|base)\b)|ltx-2.*distilled": {
        "sigmas": (1.0, 0.99375, 0.9875, 0.98125, 0.975, 0.909375, 0.725, 0.421875),
        "guidance_scale": 1.0,
        "stg_scale": 0.0,
        "modality_scale": 1.0,
        "audio_guidance_scale": 1.0,
        "audio_stg_scale": 0.0,
        "audio_modality_scale": 1.0,
    },
    "z-image-turbo": {"num_inference_steps": 9, "guidance_scale": 0.0},
    "klein": {"num_inference_steps": 4, "guidance_scale": 1.0},
    "sdxl-turbo": {"num_inference_steps": 1, "guidance_scale": 0.0},
    "lightning": {"num_inference_steps": 4, "guidance_scale": 1.0},
    "lightx2v": {"num_inference_steps": 4, "guidance_scale": 1.0},
    "fastwan": {"num_inference_steps": 3, "guidance_scale": 1.0},
    # HunyuanVideo 1.5, whose folder has the guidance.
    "step-distilled": {"num_inference_steps": 8},
}
"""Calls of distilled models and LoRAs, by a pattern in their name: steps and guidance are fixed.

Sources: the model cards of these names; for LTX-2 the distilled sigmas of its pipelines, which
LTX-2.5 has as its usual weights.
"""

_STEPS_IN_NAME = re.compile(r"(?<!\d)(\d{1,2})-?steps?(?![a-z])")


def distilled_arguments(*names: str) -> Mapping[str, Any]:
    """Return the arguments of a distilled model or LoRA by their names; none for others.

    Steps that such a name tells, as in ``Lightning-8steps``, are those to take.
    """
    for name in names:
        folded = name.lower().replace("_", "-")
        known = next((one for word, one in DISTILLED.items() if re.search(word, folded)), None)
        if known is not None:
            told = _STEPS_IN_NAME.search(folded)
            return {**known, "num_inference_steps": int(told[1])} if told else known
    return {}
