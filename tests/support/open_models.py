"""Tiny models in the form of diffusers: the files only, which nothing can render with."""

from __future__ import annotations

import json
import math
import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hinode.engines.diffusers.weights.gguf_file import BLOCKS

ROOT = Path(__file__).parent.parent.parent
TORCH_PYTHON = ROOT / ".venv-torch" / "bin" / "python"
"""An interpreter with the packages of the extra `diffusers`, if `make torch` has made it."""

WIDTHS = {"F32": 4, "BF16": 2, "F16": 2, "F8_E4M3": 1, "I64": 8}
WAN = {
    "_class_name": "WanPipeline",
    "_diffusers_version": "0.42.1",
    "scheduler": ["diffusers", "UniPCMultistepScheduler"],
    "text_encoder": ["transformers", "UMT5EncoderModel"],
    "tokenizer": ["transformers", "T5TokenizerFast"],
    "transformer": ["diffusers", "WanTransformer3DModel"],
    "transformer_2": [None, None],
    "vae": ["diffusers", "AutoencoderKLWan"],
}
WAN_CONFIG = {"in_channels": 16, "out_channels": 16, "num_attention_heads": 12}


def safetensors(tensors: Mapping[str, tuple[str, int]]) -> bytes:
    """Return a file of tensors of zeros by name, each with a dtype and a count of numbers."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, (dtype, count) in tensors.items():
        size = WIDTHS[dtype] * count
        header[name] = {"dtype": dtype, "shape": [count], "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(end)


def gguf(tensors: Mapping[str, tuple[int, tuple[int, ...]]], version: int = 3) -> bytes:
    """Return a GGUF file of tensors of zeros by name, each with a type of ggml and its sides."""
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors), 2)
    head += _gguf_text("general.architecture") + struct.pack("<I", 8) + _gguf_text("wan")
    head += _gguf_text("sizes") + struct.pack("<IIQII", 9, 4, 2, 7, 8)
    end = 0
    for name, (kind, sides) in tensors.items():
        head += _gguf_text(name) + struct.pack("<I", len(sides))
        head += struct.pack(f"<{len(sides)}Q", *reversed(sides)) + struct.pack("<IQ", kind, end)
        in_block, size = BLOCKS.get(kind, (1, 1))
        end += -(-math.prod(sides) // in_block * size // 32) * 32
    return head + bytes(-len(head) % 32) + bytes(end)


def _gguf_text(text: str) -> bytes:
    return struct.pack("<Q", len(text)) + text.encode()


def model_files(
    index: Mapping[str, Any] = WAN,
    config: Mapping[str, Any] = WAN_CONFIG,
    weights: Mapping[str, tuple[str, int]] | None = None,
) -> dict[str, bytes]:
    """Return the files of a model by path: 1,000 numbers in each component unless told."""
    files = {"model_index.json": json.dumps(index).encode()}
    for name, listed in index.items():
        if name.startswith("_") or not isinstance(listed, list) or listed[0] is None:
            continue
        if "Scheduler" in listed[1]:
            files[f"{name}/scheduler_config.json"] = b"{}"
        elif "Tokenizer" in listed[1]:
            files[f"{name}/tokenizer_config.json"] = b"{}"
            files[f"{name}/spiece.model"] = b"pieces"
        else:
            given = config if name in ("transformer", "unet") else {}
            files[f"{name}/config.json"] = json.dumps(given).encode()
            tensor = (weights or {}).get(name, ("BF16", 1000))
            stem = "model" if listed[0] == "transformers" else "diffusion_pytorch_model"
            files[f"{name}/{stem}.safetensors"] = safetensors({"weight": tensor})
    return files


def write_model(folder: Path, files: Mapping[str, bytes] | None = None) -> Path:
    """Write the files of a model, those of a tiny Wan unless told, and return the folder."""
    for path, content in (files or model_files()).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder


def has_torch() -> bool:
    """Return whether models can be rendered with; not every platform has a build of torch."""
    return (ROOT / ".venv-torch" / ".done").exists()


def make_tiny_models(folder: Path, *names: str) -> None:
    """Make tiny models that can be rendered with; all without names."""
    command = [str(TORCH_PYTHON), "-m", "tests.support.tiny_models", str(folder), *names]
    subprocess.run(command, check=True, capture_output=True, timeout=300, cwd=ROOT)
