"""Folders whose files say what cannot be: each is refused at once, and says which file it is."""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path
from typing import Any

import pytest

from hinode.engines.diffusers.weights.errors import UnusableModel
from hinode.engines.diffusers.weights.inspection import inspect
from tests.support.open_models import WAN, WAN_CONFIG, model_files, write_model

VAE = "vae/diffusion_pytorch_model.safetensors"
INDEX = "vae/diffusion_pytorch_model.safetensors.index.json"
ONE = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}


def header(size: int = 4, **tensors: Any) -> bytes:
    text = json.dumps(tensors).encode()
    return struct.pack("<Q", len(text)) + text + bytes(size)


@pytest.mark.parametrize(
    ("file", "name", "value", "why"),
    [
        ("transformer/config.json", "num_layers", 10**9, "the weights have 1 tensors"),
        ("transformer/config.json", "num_refiner_layers", 10**9, "the weights have 1 tensors"),
        ("vae/config.json", "layers_per_block", [2, 10**9], "the weights have 1 tensors"),
        ("vae/config.json", "num_res_blocks", 10**6, "the weights have 1 tensors"),
        ("vae/config.json", "depth", 101, "the weights have 1 tensors"),
        ("text_encoder/config.json", "text_config", {"num_hidden_layers": 1e99},
         "the weights have 1 tensors"),
        ("transformer/config.json", "ffn_dim", 10**9, "the weights have 1,000 numbers"),
        ("transformer/config.json", "in_channels", 10**9, "the weights have 1,000 numbers"),
        ("transformer/config.json", "num_attention_heads", 10**9, "the weights have 1,000 numbers"),
        ("text_encoder/config.json", "vocab_size", 10**12, "the weights have 1,000 numbers"),
        ("text_encoder/config.json", "hidden_size", 10**300, "the weights have 1,000 numbers"),
        ("text_encoder/config.json", "vision_config", {"hidden_size": 10**9},
         "the weights have 1,000 numbers"),
        ("transformer/config.json", "num_attention_heads", -2, "which is no count"),
        ("transformer/config.json", "num_attention_heads", 0, "which is no count"),
        ("transformer/config.json", "num_attention_heads", "two", "which is no count"),
        ("transformer/config.json", "num_attention_heads", 2.5, "which is no count"),
        ("transformer/config.json", "num_layers", "all", "which is no count"),
        ("transformer/config.json", "num_attention_heads", float("nan"), "which is no number"),
        ("vae/config.json", "latents_mean", [0.0, float("nan")], "which is no number"),
        ("vae/config.json", "in_channels", float("inf"), "no count|the weights have"),
        ("vae/config.json", "sampling_rate", 0, "no rate of sound"),
        ("vae/config.json", "sample_rate", 10**9, "no rate of sound"),
        ("scheduler/scheduler_config.json", "num_train_timesteps", 10**9, "above 100,000"),
        ("scheduler/scheduler_config.json", "solver_order", 1e9, "above 100,000"),
        ("scheduler/scheduler_config.json", "shift", float("nan"), "which is no number"),
    ],
)  # fmt: skip
def test_a_number_that_cannot_be_is_told(
    tmp_path: Path, file: str, name: str, value: Any, why: str
) -> None:
    folder = write_model(tmp_path)
    path = folder / file
    path.write_text(json.dumps({**json.loads(path.read_text()), name: value}))
    inner = next(iter(value)) if isinstance(value, dict) else name

    with pytest.raises(UnusableModel, match=why) as refused:
        inspect(folder)
    assert f"{path} has {inner} = " in str(refused.value)
    assert str(refused.value).endswith("Get the model again.")
    assert len(str(refused.value)) < 500


def test_usual_numbers_are_those_of_a_model(tmp_path: Path) -> None:
    usual = {
        "transformer/config.json": {
            **WAN_CONFIG, "attention_head_dim": None, "rope_theta": 1e9, "axes_dims": [4, 6, 6],
            "max_position_embeddings": 262_144, "num_single_layers": 0, "layer_types": ["full"],
            "image_token_id": 258_880, "sampling_rate": 48_000, "mlp_ratio": 2.5,
        },
        "scheduler/scheduler_config.json": {
            "num_train_timesteps": 1000, "max_image_seq_len": 8192, "lambda_min_clipped": -1e999,
        },
    }  # fmt: skip
    files = model_files() | {name: json.dumps(one).encode() for name, one in usual.items()}

    assert inspect(write_model(tmp_path, files)).missing == ()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({VAE: struct.pack("<Q", 2**63) + b"{}"}, "not in the safetensors format"),
        ({VAE: header(a=ONE | {"shape": [2**63], "data_offsets": [0, 2**65]})}, "cut: 4 of"),
        ({VAE: header(a=ONE | {"shape": [2**64], "data_offsets": [0, 2**66]})}, "tensor 'a'"),
        ({VAE: header(a=ONE | {"shape": [-1, -1]})}, "damaged at the tensor 'a'"),
        ({VAE: header(a=ONE | {"shape": [1] * 10**6})}, "damaged at the tensor 'a'"),
        ({VAE: header(a=ONE | {"shape": [True]})}, "damaged at the tensor 'a'"),
        ({VAE: header(a=ONE, b=ONE)}, "damaged at the tensor 'b'"),
        ({VAE: header(8, a=ONE | {"data_offsets": [4, 8]})}, "damaged at the tensor 'a'"),
        ({INDEX: json.dumps({"weight_map": {"a": "../vae/x.safetensors"}}).encode()},
         "lists no files"),
        ({INDEX: json.dumps({"weight_map": {"a": ["x.safetensors"]}}).encode()}, "lists no files"),
        ({INDEX: json.dumps(
            {"weight_map": {str(one): f"{one}.safetensors" for one in range(10_001)}}
        ).encode()}, "lists 10,001 files"),
        ({"vae/config.json": b'{"a":' * 5000 + b"1" + b"}" * 5000}, "no JSON object"),
        ({"vae/config.json": b'{"a": [' + b"1," * 8_000_000 + b"1]}"}, "more than 16,000,000"),
        ({"model_index.json": json.dumps(WAN | {"vae": ["this", "Wan"]}).encode()},
         "of the library 'this'"),
    ],
)  # fmt: skip
def test_a_file_that_lies_is_told(tmp_path: Path, changes: dict[str, bytes], why: str) -> None:
    with pytest.raises(UnusableModel, match=why):
        inspect(write_model(tmp_path, model_files() | changes))


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model")
    (folder / "vae/config.json").unlink()
    (folder / "vae/config.json").symlink_to("config.json")
    with pytest.raises(UnusableModel, match="is no file"):
        inspect(folder)
    (folder / "vae/config.json").unlink()
    (folder / "vae" / VAE.rpartition("/")[2]).unlink()
    (folder / "vae").rmdir()
    (folder / "vae").symlink_to("../model")
    assert "vae/config.json" in inspect(folder).missing


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    folder = write_model(tmp_path)
    for name, told in (("vae/config.json", "is no file"), (VAE, None)):
        (folder / name).unlink()
        os.mkfifo(folder / name)
        if told is None:
            assert VAE in inspect(folder).missing
            return
        with pytest.raises(UnusableModel, match=told):
            inspect(folder)
        (folder / name).unlink()
        (folder / name).write_bytes(b"{}")


def test_a_component_beside_the_folder_is_none(tmp_path: Path) -> None:
    beside = {"..": ["diffusers", "AutoencoderKLWan"], "../vae": ["diffusers", "AutoencoderKLWan"]}
    folder = write_model(tmp_path, model_files() | {
        "model_index.json": json.dumps(WAN | beside).encode()
    })  # fmt: skip
    assert {one.name for one in inspect(folder).components} == {
        "text_encoder", "transformer", "vae"
    }  # fmt: skip
