"""Load components one by one: quantized, of single files, and what transformers would fill up."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
import transformers
from diffusers import GGUFQuantizationConfig, pipelines
from diffusers.loaders.single_file_utils import (
    create_diffusers_clip_model_from_ldm,
    load_single_file_checkpoint,
)
from transformers import CLIPPreTrainedModel

from hinode.engines.diffusers.process.protocol import ModelOrder
from hinode.engines.diffusers.rendering.quantization import quantize
from hinode.engines.diffusers.weights.facts import FLOAT32_VAES, WeightsFile, is_quantized
from hinode.engines.diffusers.weights.inspection import component_class, read_index

_HEAD = "lm_head"


def read_dtypes(order: ModelOrder, device: str) -> Mapping[str, torch.dtype]:
    """Return the dtype of each component, ``default`` for the others: float32 on a CPU.

    Other dtypes are slow there.
    """
    named = order.options.dtype
    if named is not None:
        return {"default": getattr(torch, named)}
    if device == "cpu":
        return {"default": torch.float32}
    vae = next((one.class_name for one in order.facts.components if one.name == "vae"), "")
    wide = {"vae": torch.float32} if vae in FLOAT32_VAES else {}
    return {"default": torch.bfloat16, **wide}


class NotLoadable(Exception):
    """The model cannot be loaded; the message says why."""


def component_type(library: str, name: str) -> Any:
    """Return the class of a component; its library may be a part of diffusers."""
    part = getattr(pipelines, library, None)
    return getattr(part or import_module(library), name)


def read_own_components(order: ModelOrder, dtypes: Mapping[str, torch.dtype]) -> dict[str, Any]:
    """Load these components one by one, so that only one has its full size at a time.

    Those of transformers are among them, which fills weights that are missing with random ones.
    Raises :class:`NotLoadable` for these, and for a file of another digest than the settings say.
    """
    files = {one.component: one for one in order.facts.files}
    for path, sha256 in {(one.path, one.sha256) for one in order.facts.files}:
        _prove(path, sha256)
    index = read_index(order.facts.folder)
    to = order.options.quantization
    made = {}
    for name in (one.name for one in order.facts.components):
        file = files.get(name)
        quantized = to is not None and is_quantized(name) and not (file and file.is_gguf)
        library, class_name = component_class(index, name) or ("", "")
        if file is None and not quantized and library != "transformers":
            continue
        of = component_type(library, class_name)
        made[name] = _read(of, order.facts.folder, name, file, dtypes.get(name, dtypes["default"]))
        if to is not None and quantized:
            quantize(made[name], to)
    return made


def _read(of: Any, folder: Path, name: str, file: WeightsFile | None, dtype: torch.dtype) -> Any:
    usual = {"subfolder": name, "dtype": dtype, "local_files_only": True}
    if file is None and issubclass(of, transformers.PreTrainedModel):
        part, told = of.from_pretrained(
            folder, use_safetensors=True, output_loading_info=True, **usual
        )
        _refuse_random(name, told["missing_keys"])
        return part
    if file is None:
        return of.from_pretrained(folder, use_safetensors=True, **usual)
    if file.is_gguf:
        usual["quantization_config"] = GGUFQuantizationConfig(compute_dtype=dtype)
    if issubclass(of, CLIPPreTrainedModel):
        # Beside a denoiser in the file of its maker; its class has no loader of its own for that.
        tensors = load_single_file_checkpoint(str(file.path), local_files_only=True)
        own = {key: one for key, one in tensors.items() if key.startswith(file.prefix)}
        return create_diffusers_clip_model_from_ldm(
            of, own, name, config=str(folder), torch_dtype=dtype, local_files_only=True
        )
    return of.from_single_file(str(file.path), config=str(folder), **usual)


def _refuse_random(name: str, missing: Iterable[str]) -> None:
    # A head that predicts words is not needed to encode them, and some models leave it out.
    if any(not one.startswith(_HEAD) for one in missing):
        raise missing_weights(name)


def missing_weights(name: str) -> NotLoadable:
    """Return the error for a component that lacks some of its weights."""
    return NotLoadable(f"Weights of '{name}' are missing: get the model again.")


def _prove(path: Path, sha256: str) -> None:
    with path.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    if found != sha256:
        raise NotLoadable(
            f"The file {path.name} has the SHA-256 {found}, and the settings say {sha256}: get it "
            "again, or correct the setting."
        )
