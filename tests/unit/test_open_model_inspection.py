"""A model's folder tells what it renders, what it holds and whether it can be loaded."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from hinode.engines.diffusers.weights.errors import UnusableModel
from hinode.engines.diffusers.weights.inspection import inspect
from hinode.engines.diffusers.weights.licences import licence_limits
from hinode.engines.diffusers.weights.manifest import Manifest, write_manifest
from hinode.media.types import MediaKind
from tests.support.open_models import WAN, WAN_CONFIG, model_files, safetensors, write_model

LARGE = WAN_CONFIG | {"num_attention_heads": 40}
SOUND = {"audio_vae": ["diffusers", "MMAudioVAE"], "vocoder": ["diffusers", "MMAudioVocoder"]}
SHARDS = {
    "weight_map": {
        "a": "model-00001-of-00002.safetensors",
        "b": "model-00002-of-00002.safetensors",
    }
}


def index(class_name: str, **changes: Any) -> dict[str, Any]:
    return WAN | {"_class_name": class_name} | changes


def sharded() -> dict[str, bytes]:
    files = model_files()
    del files["text_encoder/model.safetensors"]
    return files | {
        "text_encoder/model.safetensors.index.json": json.dumps(SHARDS).encode(),
        "text_encoder/model-00001-of-00002.safetensors": safetensors({"a": ("F32", 10)}),
        "text_encoder/model-00002-of-00002.safetensors": safetensors({"b": ("I64", 3)}),
    }


@pytest.mark.parametrize(
    ("files", "text", "picture", "sound", "rules"),
    [
        (model_files(), True, False, False, "Wan2.1-T2V-1.3B"),
        (model_files(config=LARGE), True, False, False, "Wan2.2-A14B"),
        (
            model_files(WAN | {"transformer_2": ["diffusers", "WanTransformer3DModel"]}),
            True, False, False, "Wan2.2-A14B",
        ),
        (
            model_files(index("WanPipeline", expand_timesteps=True), {"in_channels": 48}),
            True, True, False, "Wan2.2-TI2V-5B",
        ),
        (
            model_files(index("WanImageToVideoPipeline"), LARGE | {"in_channels": 36}),
            False, True, False, "Wan2.2-A14B",
        ),
        # The weights decide, whatever the class is called.
        (model_files(index("WanPipeline"), {"in_channels": 36}), False, True, False, "Wan2.2-A14B"),
        (model_files(index("LTX2Pipeline"), {}), True, True, True, "LTX-2"),
        (model_files(index("HunyuanVideo15Pipeline"), {}), True, False, False, "HunyuanVideo-1.5"),
        (model_files(index("CogVideoXPipeline"), {"patch_size_t": 2}), True, False, False,
         "CogVideoX1.5-5B"),
        (model_files(index("CogVideoXPipeline"), {}), True, False, False, "CogVideoX-2B"),
        (model_files(index("SanaImageToVideoPipeline"), {}), False, True, False, "SANA-Video 2B"),
        (
            model_files(index("LTX2Pipeline"), {"use_prompt_adaln_single": False}),
            True, True, True, "LTX-2.5",
        ),
        (
            model_files(index("Kandinsky6TI2VAPipeline", **SOUND), {}),
            True, False, True, "Kandinsky 6",
        ),
        (
            model_files(
                index("Kandinsky6TI2VAPipeline", audio_vae=[None, None]),
                {"visual_token_type_num_embeddings": 2},
            ),
            True, True, False, "Kandinsky 6",
        ),
        (model_files(index("ZImagePipeline"), {}), True, True, False, None),
        (model_files(index("Flux2KleinPipeline"), {}), True, True, False, None),
        (model_files(index("QwenImageEditPipeline"), {}), False, True, False, None),
    ],
)  # fmt: skip
def test_a_folder_tells_what_it_renders(
    tmp_path: Path,
    files: dict[str, bytes],
    text: bool,
    picture: bool,
    sound: bool,
    rules: str | None,
) -> None:
    facts = inspect(write_model(tmp_path / "fine-tune-7", files))

    assert (facts.from_text, facts.from_picture, facts.sound) == (text, picture, sound)
    assert (facts.checkpoint.name if facts.checkpoint else None) == rules
    assert facts.kind is (MediaKind.VIDEO if rules else MediaKind.IMAGE)
    assert facts.missing == ()
    if facts.checkpoint:
        assert (facts.checkpoint.first_frame, facts.checkpoint.audio) == (picture, sound)


def test_a_name_tells_models_of_one_class_apart(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "folder", model_files(index("LTX2Pipeline"), {}))

    assert inspect(folder, "Lightricks/LTX-2.5-Diffusers").checkpoint.name == "LTX-2.5"  # type: ignore[union-attr]
    # A name of another family than the class does not count.
    assert inspect(folder, "Wan2.1-T2V-1.3B").checkpoint.name == "LTX-2"  # type: ignore[union-attr]


def test_bytes_are_those_of_the_headers(tmp_path: Path) -> None:
    facts = inspect(write_model(tmp_path, sharded()))

    encoder = next(one for one in facts.components if one.name == "text_encoder")
    assert encoder.bytes_by_dtype == {"F32": 40, "I64": 24}
    assert (encoder.stored, encoder.bytes_at(2)) == (64, 44)
    assert {one.name for one in facts.components} == {"text_encoder", "transformer", "vae"}
    assert facts.stored == 64 + 2 * 2000


def test_a_variant_counts_only_without_plain_weights(tmp_path: Path) -> None:
    variant = {"vae/diffusion_pytorch_model.fp16.safetensors": safetensors({"weight": ("F16", 7)})}
    folder = write_model(tmp_path, model_files() | variant)

    assert inspect(folder).components[-1].bytes_by_dtype == {"BF16": 2000}
    (folder / "vae/diffusion_pytorch_model.safetensors").unlink()
    assert inspect(folder).components[-1].bytes_by_dtype == {"F16": 14}


@pytest.mark.parametrize(
    ("gone", "missing"),
    [
        ("vae/diffusion_pytorch_model.safetensors", "vae/diffusion_pytorch_model.safetensors"),
        ("transformer/config.json", "transformer/config.json"),
        ("scheduler/scheduler_config.json", "scheduler/"),
        ("tokenizer/spiece.model", "tokenizer/tokenizer.json"),
        ("text_encoder/model-00002-of-00002.safetensors",
         "text_encoder/model-00002-of-00002.safetensors"),
    ],
)  # fmt: skip
def test_missing_files_are_told(tmp_path: Path, gone: str, missing: str) -> None:
    files = sharded()
    del files[gone]

    assert inspect(write_model(tmp_path, files)).missing == (missing,)


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    files = {path: data for path, data in model_files().items() if "tokenizer" not in path}

    assert inspect(write_model(tmp_path, files)).missing == ("tokenizer/",)


VAE = "vae/diffusion_pytorch_model.safetensors"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({VAE: safetensors({"weight": ("BF16", 1000)})[:-1]}, "cut: 1999 of 2000 bytes"),
        ({VAE: safetensors({"weight": ("BF16", 1000)})[:40]}, "cut within its header"),
        ({VAE: safetensors({"weight": ("BF16", 1000)}) + b"more"}, "damaged: 2004 of 2000 bytes"),
        ({VAE: safetensors({"weight": ("BF16", 9)}).replace(b'"shape": [9]', b'"shape": [8]')},
         "damaged at the tensor 'weight'"),
        ({VAE: (400_000).to_bytes(8, "little") + b"[" * 400_000}, "not in the safetensors format"),
        ({VAE: (1 << 40).to_bytes(8, "little") + b"{}"}, "not in the safetensors format"),
        ({"vae/config.json": b"[]"}, "vae/config.json is no JSON object"),
        ({"transformer/config.json": b'{"num_layers": 1000000000}'}, "the weights have 1 tensors"),
        ({"text_encoder/config.json": b'{"text_config": {"num_hidden_layers": 1e99}}'},
         "the weights have 1 tensors"),
        ({"scheduler/scheduler_config.json": b"{"}, "scheduler_config.json is no JSON object"),
        ({"tokenizer/tokenizer_config.json": b'"' + bytes(16_000_000)}, "more than 16,000,000"),
        ({VAE: pickle.dumps({"weight": [1.0] * 50})}, "not in the safetensors format"),
        ({VAE: b""}, "not in the safetensors format"),
        ({VAE: (2).to_bytes(8, "little") + b"[]"}, "not in the safetensors format"),
        ({VAE: (9).to_bytes(8, "little") + b'{"a": {}}'}, "not in the safetensors format"),
        ({VAE: safetensors({"weight": ("BF16", 9)}).replace(b"[0, 18]", b"[9, -2]")}, "damaged"),
        ({VAE: None, "vae/pytorch_model.bin": b"x"}, "pickled weights only"),
        ({"model_index.json": None}, "no model_index.json"),
        ({"model_index.json": b"[" * 100_000}, "no JSON object"),
        ({"model_index.json": json.dumps(index("StableAudioPipeline")).encode()}, "WanPipeline"),
        ({"model_index.json": json.dumps(index("x") | {"_class_name": ["a", "B"]}).encode()},
         "not rendered with"),
        ({"model_index.json": json.dumps(index("WanPipeline", vae=["mine", "Vae"])).encode(),
          "vae/mine.py": b""}, "code of its own"),
        ({"text_encoder/model.safetensors.index.json":
          b'{"weight_map": {"a": "../../x.safetensors"}}'}, "lists no files of weights"),
        ({"text_encoder/model.safetensors.index.json":
          b'{"weight_map": {"weight": "model.safetensors", "gone": "model.safetensors"}}'},
         "lacks 1 of its tensors, such as 'gone'"),
    ],
)  # fmt: skip
def test_what_cannot_be_loaded_is_refused(
    tmp_path: Path, changes: dict[str, bytes | None], message: str
) -> None:
    files = {path: data for path, data in (model_files() | changes).items() if data is not None}

    with pytest.raises(UnusableModel, match=message):
        inspect(write_model(tmp_path, files))


@pytest.mark.parametrize("target", ["/dev/zero", "/dev/null", "/etc", "nowhere"])
def test_a_link_to_what_is_no_file_is_refused(tmp_path: Path, target: str) -> None:
    folder = write_model(tmp_path)
    (folder / "vae/config.json").unlink()
    (folder / "vae/config.json").symlink_to(target)

    with pytest.raises(UnusableModel, match="is no file"):
        inspect(folder)


def test_a_scheduler_without_its_settings_is_told(tmp_path: Path) -> None:
    folder = write_model(tmp_path)
    settings = folder / "scheduler/scheduler_config.json"
    settings.rename(settings.with_name("README.md"))

    assert inspect(folder).missing == ("scheduler/scheduler_config.json",)


@pytest.mark.parametrize(
    ("name", "licence", "told"),
    [
        ("Wan-AI/Wan2.2-TI2V-5B-Diffusers", "apache-2.0", None),
        ("a/fine-tune", "MIT", None),
        ("a/fine-tune", None, None),
        ("a/fine-tune", "cc-by-nc-4.0", "cc-by-nc-4.0 (may have limits)"),
        ("Lightricks/LTX-2", "apache-2.0", "LTX-2 community licence (commercial limits)"),
        ("MiniMaxAI/MiniMax-H3", None, "MiniMax community licence (territory limits)"),
    ],
)
def test_limits_of_licences_are_told(name: str, licence: str | None, told: str | None) -> None:
    assert licence_limits(name, licence) == told


def test_a_modular_index_names_components_in_hints_and_leaves_the_unused_out(
    tmp_path: Path,
) -> None:
    hint = {"type_hint": ["diffusers", "MiniMaxH3Transformer3DModel"]}
    listed = {
        "_class_name": "MiniMaxH3ModularPipeline",
        "transformer": [None, None, hint],
        "transformer_ref": [None, None, hint],
        "vae": ["diffusers", "AutoencoderKLMiniMaxH3", {}],
        "unknown": [None, None, {}],
    }
    files = model_files({**WAN, "_class_name": "WanPipeline"})
    files["modular_model_index.json"] = json.dumps(listed).encode()
    del files["model_index.json"]
    facts = inspect(write_model(tmp_path / "h3", files))
    assert [one.name for one in facts.components] == ["transformer", "vae"]
    assert (facts.sound, facts.last_frame, facts.negative_prompt) == (True, True, False)
    assert facts.missing == ()


@pytest.mark.parametrize(
    ("class_name", "licence", "told"),
    [
        ("WanPipeline", "cc-by-nc-4.0", "cc-by-nc-4.0 (may have limits)"),
        ("WanPipeline", "apache-2.0", "apache-2.0"),
        ("WanPipeline", None, "unknown"),
        ("LTX2Pipeline", None, "LTX-2 community licence (commercial limits)"),
    ],
)
def test_a_fine_tune_has_a_licence_of_its_own(
    tmp_path: Path, class_name: str, licence: str | None, told: str
) -> None:
    folder = write_model(tmp_path / "tuned", model_files(WAN | {"_class_name": class_name}))
    write_manifest(folder, Manifest("makers/tuned", None, "1" * 40, licence, complete=True))

    facts = inspect(folder, "makers/tuned")

    assert facts.licence == told
    assert facts.checkpoint is not None
    assert facts.checkpoint.licence == told
