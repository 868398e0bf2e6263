"""Arguments that follow from the weights in a pipeline, not from its class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

_AS_GIVEN = {"use_dynamic_shifting": False, "shift_terminal": None, "shift": 1.0}
"""The settings of a scheduler that shifts no schedule."""
_FIRST_LTX2 = {"use_cross_timestep": False, "spatio_temporal_guidance_blocks": [29]}
"""What LTX-2 was trained with; the pipeline's defaults are those of LTX-2.3 and 2.5.

Source: the arguments' descriptions in diffusers 0.42.1.
"""


def weight_arguments(pipeline: Any, *, with_sound: bool) -> dict[str, Any]:
    """Return the arguments for a pipeline's weights; ``with_sound``: the request wants it.

    Kandinsky 6 without its parts for sound makes none; without being told so, it fails.
    """
    kind, parts = type(pipeline).__name__, pipeline.components
    if kind.startswith("Kandinsky6"):
        has_sound = parts.get("audio_vae") is not None and parts.get("vocoder") is not None
        return {"sample_audio": has_sound and with_sound}
    if kind.startswith("LTX2") and parts["transformer"].config.use_prompt_embeddings:
        # Its successors project the text before the denoiser.
        return dict(_FIRST_LTX2)
    return {}


@contextmanager
def exact_schedule(pipeline: Any, arguments: Mapping[str, Any]) -> Iterator[None]:
    """Have a pipeline take a schedule of the arguments as it is, for the length of the block.

    Without it, a scheduler shifts the noise levels of a distilled model by the size of the clip.
    """
    usual = getattr(pipeline, "scheduler", None)
    if arguments.get("sigmas") is None or usual is None:
        yield
        return
    pipeline.scheduler = type(usual).from_config(usual.config, **_AS_GIVEN)
    try:
        yield
    finally:
        pipeline.scheduler = usual
