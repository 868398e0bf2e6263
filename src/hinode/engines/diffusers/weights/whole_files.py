"""The components that a single file of a model holds: its denoiser, and others beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from hinode.engines.diffusers.weights.errors import UnusableModel
from hinode.engines.diffusers.weights.facts import WeightsFile
from hinode.engines.diffusers.weights.safetensors_file import read_safetensors

_DENOISERS = ("transformer", "unet")
_LTX2 = {
    "transformer": "model.diffusion_model.",
    "vae": "vae.",
    "audio_vae": "audio_vae.",
}
_PREFIXES: Mapping[str, Mapping[str, str]] = {
    "StableDiffusionXLPipeline": {
        "unet": "model.diffusion_model.",
        "vae": "first_stage_model.",
        "text_encoder": "conditioner.embedders.0.",
        "text_encoder_2": "conditioner.embedders.1.",
    },
    **dict.fromkeys(("LTX2Pipeline", "LTX2ImageToVideoPipeline", "LTX2ConditionPipeline"), _LTX2),
}
"""The beginnings of the names of tensors in files of several components, as their makers have them.

A file of other names has the denoiser only.
"""


def with_components(
    files: tuple[WeightsFile, ...], class_name: str, parts: Collection[str]
) -> tuple[WeightsFile, ...]:
    """Return the files of a model of this class and these components, each with its component.

    Raises :class:`UnusableModel` for a file of one denoiser where the model has two.
    """
    return tuple(found for one in files for found in _found(one, class_name, parts))


def _found(file: WeightsFile, class_name: str, parts: Collection[str]) -> Iterator[WeightsFile]:
    if file.component:
        yield file
        return
    if "transformer_2" in parts:
        raise UnusableModel(
            f"{file.path} can hold one denoiser only, and its base has two: name the base as the "
            "model, and a file for 'transformer' and one for 'transformer_2' in its 'files'."
        )
    denoiser = next((one for one in _DENOISERS if one in parts), _DENOISERS[0])
    prefixes = _PREFIXES.get(class_name, {})
    held = _held(file, prefixes)
    if denoiser not in held:
        yield replace(file, component=denoiser)
        return
    for name in held:
        yield replace(file, component=name, prefix=prefixes[name])


def _held(file: WeightsFile, prefixes: Mapping[str, str]) -> list[str]:
    """Return the components of which a file has tensors."""
    if file.path.suffix != ".safetensors" or not file.path.is_file():
        return []  # told of when its component is read
    tensors = read_safetensors(file.path).tensors
    return [
        name for name, prefix in prefixes.items() if any(one.startswith(prefix) for one in tensors)
    ]
