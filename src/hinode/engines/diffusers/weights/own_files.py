"""Single files of weights that take the place of a component's own: safetensors and GGUF."""

from __future__ import annotations

from pathlib import Path

from hinode.engines.diffusers.weights.component_files import ComponentFiles
from hinode.engines.diffusers.weights.errors import UnusableModel
from hinode.engines.diffusers.weights.facts import Component, WeightsFile
from hinode.engines.diffusers.weights.gguf_file import gguf_bytes
from hinode.engines.diffusers.weights.safetensors_file import read_safetensors

_TRANSFORMERS = (
    "Flux2Transformer2DModel",
    "LTX2VideoTransformer3DModel",
    "MochiTransformer3DModel",
    "QwenImageTransformer2DModel",
    "WanTransformer3DModel",
    "ZImageTransformer2DModel",
)
"""Classes that diffusers 0.42.1 loads from one file of either format."""
_OTHERS = (
    "AutoencoderKL",
    "AutoencoderKLLTX2Audio",
    "AutoencoderKLLTX2Video",
    "AutoencoderKLWan",
    "CLIPTextModel",
    "CLIPTextModelWithProjection",
    "UNet2DConditionModel",
)
"""Classes that it loads from one file of safetensors."""


def read_own_file(folder: Path, file: WeightsFile, class_name: str) -> ComponentFiles:
    """Read the header of a file that a component's weights come from.

    Raises :class:`UnusableModel` for a class that is not loaded from one file, a file that is not
    there or cut, and for other formats.
    """
    name = file.component
    known = (*_TRANSFORMERS, *_OTHERS)
    if class_name not in known:
        raise UnusableModel(
            f"{name} is a {class_name}, which is not loaded from a single file; those that are: "
            f"{', '.join(known)}. Leave it out of 'files'."
        )
    if not file.path.is_file():
        raise UnusableModel(f"There is no file {file.path} for {name}. Correct its path.")
    missing = () if (folder / name / "config.json").is_file() else (f"{name}/config.json",)
    if file.is_gguf:
        if class_name not in _TRANSFORMERS:
            raise UnusableModel(
                f"{name} is a {class_name}, whose weights are not loaded from GGUF: take a file of "
                "safetensors."
            )
        held = Component(name, class_name, {"GGUF": gguf_bytes(file.path)})
    elif file.path.suffix == ".safetensors":
        read = read_safetensors(file.path, file.prefix)
        held = Component(name, class_name, dict(read.bytes_by_dtype), dict(read.matrices))
    else:
        raise UnusableModel(
            f"{file.path} ends neither in .safetensors nor in .gguf. Other formats are never "
            "loaded, as they may run code."
        )
    return ComponentFiles(held, missing)
