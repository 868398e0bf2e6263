"""The pipeline classes that are rendered with, and what each takes and gives.

The inputs are those of ``__call__`` in diffusers 0.42.1. Where one class serves weights that differ
in what they take, the configuration of the weights decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from hinode.media.types import MediaKind
from hinode.open_models.checkpoints import CHECKPOINTS, Checkpoint, find

Config = Mapping[str, Any]
_SMALL_WAN_HEADS = 12


@dataclass(frozen=True, slots=True)
class PipelineClass:
    """The inputs and outputs of a pipeline class.

    ``from_text`` and ``from_picture``: it makes videos, or pictures, of a prompt alone, and on a
    first frame, or from a picture; with ``last_frame`` a video may end on a picture too. ``loras``
    and ``negative_prompt``: it takes them. ``checkpoints`` are the names of the models whose rules
    it may have, the usual one first; ``weighted`` the component whose configuration tells them
    apart.
    """

    kind: MediaKind = MediaKind.VIDEO
    from_text: bool = True
    from_picture: bool = False
    last_frame: bool = False
    sound: bool = False
    loras: bool = True
    negative_prompt: bool = True
    checkpoints: tuple[str, ...] = ()
    weighted: str = "transformer"


_WAN = ("Wan2.2-A14B", "Wan2.2-TI2V-5B", "Wan2.1-T2V-1.3B")
_LTX2 = PipelineClass(from_picture=True, sound=True, checkpoints=("LTX-2", "LTX-2.5"))
_HUNYUAN = PipelineClass(loras=False, checkpoints=("HunyuanVideo-1.5",))
_COG = PipelineClass(checkpoints=("CogVideoX-5B", "CogVideoX-2B", "CogVideoX1.5-5B"))
_SANA = PipelineClass(checkpoints=("SANA-Video 2B",))
_KANDINSKY = PipelineClass(checkpoints=("Kandinsky 5",))
_KANDINSKY6 = ("Kandinsky 6",)
_PICTURE_TOKENS = 2
_SOUND_PARTS = ("audio_vae", "vocoder")
_ABSENT = (None, [None, None])
"""What an index has for a component that is left out."""
_PICTURE = PipelineClass(kind=MediaKind.IMAGE, from_picture=True)


def _on_picture(one: PipelineClass) -> PipelineClass:
    """Return the class of the same family that needs a picture."""
    return replace(one, from_text=False, from_picture=True)


PIPELINES: Mapping[str, PipelineClass] = {
    "WanPipeline": PipelineClass(checkpoints=_WAN),
    "WanImageToVideoPipeline": _on_picture(PipelineClass(checkpoints=_WAN)),
    "LTX2Pipeline": _LTX2,
    "LTX2ImageToVideoPipeline": _LTX2,
    "LTX2ConditionPipeline": _LTX2,
    "HunyuanVideo15Pipeline": _HUNYUAN,
    "HunyuanVideo15ImageToVideoPipeline": _on_picture(_HUNYUAN),
    "CogVideoXPipeline": _COG,
    "CogVideoXImageToVideoPipeline": _on_picture(_COG),
    "MochiPipeline": PipelineClass(checkpoints=("Mochi 1",)),
    "SanaVideoPipeline": _SANA,
    "SanaImageToVideoPipeline": _on_picture(_SANA),
    "Kandinsky5T2VPipeline": _KANDINSKY,
    "Kandinsky5I2VPipeline": _on_picture(_KANDINSKY),
    "Kandinsky6TI2VAPipeline": PipelineClass(
        from_picture=True, sound=True, loras=False, checkpoints=_KANDINSKY6
    ),
    "MiniMaxH3ModularPipeline": PipelineClass(
        from_picture=True,
        last_frame=True,
        sound=True,
        negative_prompt=False,
        checkpoints=("MiniMax-H3",),
    ),
    "ZImagePipeline": _PICTURE,
    "QwenImagePipeline": _PICTURE,
    "QwenImageEditPipeline": _on_picture(_PICTURE),
    "QwenImageEditPlusPipeline": _on_picture(_PICTURE),
    "Flux2KleinPipeline": replace(_PICTURE, negative_prompt=False),
    "StableDiffusionXLPipeline": replace(_PICTURE, weighted="unet"),
}


def described(known: PipelineClass, config: Config) -> PipelineClass:
    """Return what a class takes with weights of this configuration.

    Wan's classes are one family: weights for a first frame have more input than output channels
    (36 and 16) and take a last frame too, and those of 2.2 5B, of ``expand_timesteps``, take text
    as well as a first frame and no last one. Those of Kandinsky 6 take a first frame if they tell
    its tokens from others, and have sound if both of its parts are there.
    """
    if known.checkpoints == _KANDINSKY6:
        kinds_of_tokens = _number(config, "visual_token_type_num_embeddings", 0)
        sound = all(config.get(part) not in _ABSENT for part in _SOUND_PARTS)
        return replace(known, from_picture=kinds_of_tokens >= _PICTURE_TOKENS, sound=sound)
    if known.checkpoints != _WAN:
        return known
    if config.get("expand_timesteps"):
        return replace(known, from_text=True, from_picture=True)
    takes_picture = _number(config, "in_channels", 16) > _number(config, "out_channels", 16)
    return replace(
        known,
        from_text=not takes_picture,
        from_picture=takes_picture,
        last_frame=takes_picture,
    )


def checkpoint_of(known: PipelineClass, config: Config, name: str) -> Checkpoint | None:
    """Return the rules of weights by their configuration, else by their name, else the usual ones.

    None for pictures, which have no frames. What the rules say of inputs and sound is what the
    class says.
    """
    if not known.checkpoints:
        return None
    named = find(name)
    by_name = named.name if named and named.name in known.checkpoints else known.checkpoints[0]
    distinguish = _BY_CONFIG.get(known.checkpoints)
    chosen = (distinguish(config) if distinguish else None) or by_name
    rules = next(one for one in CHECKPOINTS if one.name == chosen)
    return replace(rules, first_frame=known.from_picture, audio=known.sound)


def _number(config: Config, key: str, default: int) -> int:
    found = config.get(key)
    return found if isinstance(found, int) else default


def _wan(config: Config) -> str:
    if config.get("expand_timesteps"):
        return "Wan2.2-TI2V-5B"
    one_expert = config.get("transformer_2") in _ABSENT
    small = _number(config, "num_attention_heads", 40) <= _SMALL_WAN_HEADS
    return "Wan2.1-T2V-1.3B" if one_expert and small else "Wan2.2-A14B"


def _cog(config: Config) -> str:
    if config.get("patch_size_t"):
        return "CogVideoX1.5-5B"
    return "CogVideoX-5B" if config.get("use_rotary_positional_embeddings") else "CogVideoX-2B"


def _ltx2(config: Config) -> str | None:
    # Its makers' next models took the name; their denoisers differ, and 2.3 has the rules of 2.
    return "LTX-2.5" if config.get("use_prompt_adaln_single") is False else None


_BY_CONFIG: Mapping[tuple[str, ...], Callable[[Config], str | None]] = {
    _WAN: _wan,
    _LTX2.checkpoints: _ltx2,
    _COG.checkpoints: _cog,
}
