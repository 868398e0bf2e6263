"""Models that are loaded by other options render what they should, in the bytes foretold."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.open_models import ROOT, TORCH_PYTHON

pytestmark = pytest.mark.full

SCRIPT = ROOT / "tests" / "support" / "loaded_models.py"
SECONDS = 600
PLAIN = "wan21"

LOADS: dict[str, dict[str, Any]] = {
    "usual": {"options": {}},
    "fp8": {"options": {"quantization": "fp8"}},
    "fp8 in bfloat16": {"options": {"quantization": "fp8", "dtype": "bfloat16"}},
    "int8": {"options": {"quantization": "int8"}},
    "int8 in bfloat16": {"options": {"quantization": "int8", "dtype": "bfloat16"}},
    "int8 with a LoRA": {"options": {"quantization": "int8"}, "lora": "lora.safetensors"},
    "fp8 with a LoRA": {"options": {"quantization": "fp8"}, "lora": "lora.safetensors"},
    "bfloat16": {"options": {"dtype": "bfloat16"}},
    "float16": {"options": {"dtype": "float16"}},
    "without tiles": {"options": {"vae_tiling": False}},
    "other attention": {"options": {"attention": "_native_math"}},
    "by blocks": {"options": {}, "placed": "group_offload"},
    "fp8 by blocks": {"options": {"quantization": "fp8"}, "placed": "group_offload"},
    "int8 by blocks": {"options": {"quantization": "int8"}, "placed": "group_offload"},
    "by components": {"options": {}, "placed": "model_offload"},
    "ltx2 by components": {"model": "ltx2", "options": {}, "placed": "model_offload"},
    "ltx2 by blocks": {"model": "ltx2", "options": {}, "placed": "group_offload"},
    "kandinsky6 by blocks": {"model": "kandinsky6", "options": {}, "placed": "group_offload"},
    "minimax_h3 by blocks": {"model": "minimax_h3", "options": {}, "placed": "group_offload"},
    "absent attention": {"options": {"attention": "flash"}},
    "unknown attention": {"options": {"attention": "nosuch"}},
    "offload": {"options": {"placement": "model_offload"}},
    "compiled": {"options": {"compile": True}},
    "safetensors file": {"options": {}, "files": {"transformer": "wan21.safetensors"}},
    "gguf file": {"options": {}, "files": {"transformer": "wan21.gguf"}},
    **{
        f"gguf file of {one}": {
            "model": one,
            "options": {},
            "files": {"transformer": f"{one}.gguf"},
        }
        for one in ("ltx2", "zimage", "qwen_image", "klein")
    },
    # All weights of it are in the file, and none of the folder's is read.
    "sdxl file": {"model": "sdxl", "options": {}, "files": {"": "sdxl.safetensors"}},
    "gguf with int8": {
        "options": {"quantization": "int8"},
        "files": {"transformer": "wan21.gguf"},
    },
    "other digest": {
        "options": {},
        "files": {"transformer": "wan21.gguf"},
        "sha256": "0" * 64,
    },
    # The embedding of its text encoder is also the weight of a layer that could be quantized.
    "fp8 of ltx2": {"model": "ltx2", "options": {"quantization": "fp8"}},
    "int8 of ltx2": {"model": "ltx2", "options": {"quantization": "int8"}},
    "fp8 of hunyuan15": {"model": "hunyuan15", "options": {"quantization": "fp8"}},
    "int8 of hunyuan15": {"model": "hunyuan15", "options": {"quantization": "int8"}},
    "int8 of zimage": {"model": "zimage", "options": {"quantization": "int8"}},
    "fp8 of sdxl": {"model": "sdxl", "options": {"quantization": "fp8"}},
}


@pytest.fixture(scope="module")
def found(tiny_models: Path) -> dict[str, dict[str, Any]]:
    """Each load by its name; all by one process, as its start takes longest."""
    done = subprocess.run(
        [TORCH_PYTHON, SCRIPT, tiny_models],
        input=json.dumps([{"model": PLAIN, **one} for one in LOADS.values()]),
        capture_output=True, text=True, timeout=SECONDS, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    return dict(zip(LOADS, map(json.loads, done.stdout.splitlines()), strict=True))


@pytest.mark.parametrize(
    "name", [name for name in LOADS if "8" in name.split()[0] and name != "fp8 with a LoRA"]
)
def test_quantized_weights_render_nearly_the_same_in_fewer_bytes(
    found: dict[str, dict[str, Any]], name: str
) -> None:
    made = found[name]
    assert made["shape"] == [1 if "zimage" in name or "sdxl" in name else 9, 64, 64, 3]
    assert 0 < made["difference"] < 8  # of 255
    # Beside the numbers there is a scale for each row, which is much where rows are tiny.
    assert 0.98 * made["foretold"] < made["bytes"] < 1.1 * made["foretold"]


@pytest.mark.parametrize("name", [name for name in LOADS if name.startswith("gguf")])
def test_weights_of_a_gguf_file_stay_as_they_are_there(
    found: dict[str, dict[str, Any]], name: str
) -> None:
    made = found[name]
    assert 0 < made["difference"] < 8
    assert 0.98 * made["foretold"] < made["bytes"] < 1.1 * made["foretold"]
    if LOADS[name].get("model", PLAIN) == PLAIN:
        assert made["bytes"] < found["usual"]["bytes"]
    assert found["gguf with int8"]["bytes"] < found["gguf file"]["bytes"]


def test_numbers_of_a_byte_are_fewer_bytes(found: dict[str, dict[str, Any]]) -> None:
    usual, narrow = found["usual"], found["int8 in bfloat16"]
    assert narrow["bytes"] < found["bfloat16"]["bytes"] < 0.6 * usual["bytes"]
    assert found["fp8"]["bytes"] < 0.8 * usual["bytes"] == 0.8 * usual["foretold"]


def test_fp8_refuses_loras_and_tells_the_remedy(found: dict[str, dict[str, Any]]) -> None:
    code, message = found["fp8 with a LoRA"]["failure"]
    assert code == "lora_unsupported"
    assert 'to "int8"' in message


@pytest.mark.parametrize("name", ["bfloat16", "float16"])
def test_other_dtypes_render(found: dict[str, dict[str, Any]], name: str) -> None:
    assert found[name]["shape"] == [9, 64, 64, 3]
    assert 0 < found[name]["difference"] < 8
    assert found[name]["foretold"] <= found[name]["bytes"] < 1.1 * found[name]["foretold"]


@pytest.mark.parametrize(
    "name",
    [
        "without tiles",
        "other attention",
        "compiled",
        "by blocks",
        "by components",
        "ltx2 by components",
        "ltx2 by blocks",
        "kandinsky6 by blocks",
        "minimax_h3 by blocks",
        "safetensors file",
        "sdxl file",
    ],
)
def test_what_only_changes_the_way_gives_the_same_frames(
    found: dict[str, dict[str, Any]], name: str
) -> None:
    assert found[name]["difference"] < 0.5
    assert found[name]["compiled"] is (name == "compiled")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("absent attention", "install `flash-attn"),
        ("unknown attention", "must be one of the following"),
        ("other digest", "the settings say 0000"),
        ("offload", "the device is 'cpu': leave it out"),
    ],
)
def test_what_is_not_possible_here_is_told(
    found: dict[str, dict[str, Any]], name: str, told: str
) -> None:
    code, message = found[name]["failure"]
    assert code == "model_unusable"
    assert told in message
