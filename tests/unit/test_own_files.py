"""Single files in place of a component's own weights: what they hold, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from hinode.engines.base import EngineError
from hinode.engines.diffusers.models import ModelLibrary
from hinode.engines.diffusers.settings import DiffusersSettings
from hinode.engines.diffusers.weights.errors import UnusableModel
from hinode.engines.diffusers.weights.facts import WeightsFile
from hinode.engines.diffusers.weights.gguf_file import gguf_bytes
from hinode.engines.diffusers.weights.inspection import inspect
from hinode.engines.diffusers.weights.library import local_model
from tests.support.open_models import WAN, gguf, model_files, safetensors, write_model

DIGEST = "0" * 64
Q8_0, F32 = 8, 0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_model(tmp_path / "wan")


def own(path: Path, component: str = "transformer") -> tuple[WeightsFile, ...]:
    return (WeightsFile(component, path, DIGEST),)


def test_the_bytes_of_a_file_count_in_place_of_the_folder_s(folder: Path) -> None:
    (folder / "transformer/diffusion_pytorch_model.safetensors").unlink()
    assert inspect(folder).missing
    quantized = folder.with_name("wan-Q8.gguf")
    quantized.write_bytes(gguf({"blocks.0.to_q.weight": (Q8_0, (64, 32)), "norm": (F32, (5,))}))
    plain = folder.with_name("wan.safetensors")
    plain.write_bytes(safetensors({"blocks.0.to_q.weight": ("BF16", 2048)}))
    for path, size in ((quantized, 64 * 34 + 5 * 4), (plain, 4096)):
        facts = inspect(folder, "", own(path))
        assert facts.missing == ()
        (component,) = (one for one in facts.components if one.name == "transformer")
        assert size <= component.bytes_at(2) < size + 32


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"GGUF", "not in the GGUF format"),
        (b"PK\x03\x04" + bytes(64), "not in the GGUF format"),
        (gguf({"a": (77, (32,))}), "not in the GGUF format"),
        (gguf({"a": (F32, (32,))})[:-1], "is cut"),
        (gguf({}, version=1), "not in the GGUF format"),
        (b"GGUF" + b"\x03\x00\x00\x00" + b"\xff" * 16, "not in the GGUF format"),
    ],
)
def test_what_is_no_whole_gguf_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(content)
    with pytest.raises(UnusableModel, match=told):
        gguf_bytes(path)


@pytest.mark.parametrize(
    ("component", "name", "told"),
    [
        ("transformer", "x.ckpt", "neither in .safetensors nor in .gguf"),
        ("text_encoder", "x.safetensors", "not loaded from a single file"),
        ("vae", "x.gguf", "not loaded from GGUF"),
        ("transformer", "absent.gguf", "There is no file"),
        ("transformer_3", "x.gguf", "has no component 'transformer_3'"),
    ],
)
def test_files_that_cannot_be_loaded_are_refused(
    folder: Path, component: str, name: str, told: str
) -> None:
    path = folder.with_name(name)
    if "absent" not in name:
        path.write_bytes(gguf({"a": (F32, (32,))}))
    with pytest.raises(UnusableModel, match=told):
        inspect(folder, "", own(path, component))


def settings(folder: Path, **table: Any) -> DiffusersSettings:
    return DiffusersSettings.model_validate(
        {"kind": "diffusers", "model_folder": folder, "models": {str(folder): table}}
    )


def test_the_settings_name_a_file_and_its_digest(folder: Path) -> None:
    file = {"path": "weights/x.gguf", "sha256": DIGEST.upper()}
    given = settings(folder, quantization="gguf", files={"transformer": file})
    located = given.with_files_in(folder)
    assert located.files_of(str(folder)) == own(folder / "weights/x.gguf")
    assert located.load_settings(str(folder)).load_options.quantization is None
    assert located.files_of("other") == ()


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"files": {"transformer": {"path": "x.gguf"}}}, "sha256"),
        ({"files": {"transformer": {"path": "x.gguf", "sha256": "abc"}}}, "64"),
        ({"quantization": "gguf"}, "names no .gguf file"),
    ],
)
def test_a_table_without_what_it_needs_is_refused(
    folder: Path, table: dict[str, Any], told: str
) -> None:
    with pytest.raises(ValidationError, match=told):
        settings(folder, **table)
    with pytest.raises(ValidationError, match="names no"):
        DiffusersSettings.model_validate({"kind": "diffusers", "quantization": "gguf"})


def test_a_single_file_as_a_model_tells_where_it_belongs(folder: Path) -> None:
    path = folder.with_name("x.gguf")
    path.write_bytes(gguf({}))
    library = ModelLibrary(settings(folder))
    with pytest.raises(EngineError, match="operator's log"):
        library.order(str(path))
    with pytest.raises(UnusableModel, match="set 'base'"):
        local_model(str(path), folder)


def of_file(path: Path, base: Path, **more: Any) -> DiffusersSettings:
    """Return settings of a model that is a single file."""
    table = {"base": str(base), "sha256": DIGEST, **more}
    return DiffusersSettings.model_validate(
        {"kind": "diffusers", "model_folder": base, "models": {str(path): table}}
    )


def test_a_model_that_is_a_single_file_has_the_rest_of_its_base(folder: Path) -> None:
    (folder / "transformer/diffusion_pytorch_model.safetensors").unlink()
    path = folder.with_name("fast-lightning.gguf")
    path.write_bytes(gguf({"a": (F32, (32,))}))
    order = ModelLibrary(of_file(path, folder, quantization="gguf")).order(str(path))
    assert (order.name, order.facts.folder) == (path.name, folder)
    assert order.facts.files == own(path)
    assert of_file(path, folder).checkpoint_of(str(path)) == order.facts.checkpoint


def test_a_file_of_several_components_gives_all_of_them(tmp_path: Path) -> None:
    index = {
        "_class_name": "StableDiffusionXLPipeline",
        "text_encoder": ["transformers", "CLIPTextModel"],
        "text_encoder_2": ["transformers", "CLIPTextModelWithProjection"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
    }
    base = write_model(tmp_path / "sdxl", model_files(index, {}))
    for path in base.glob("*/*.safetensors"):
        path.unlink()
    path = tmp_path / "x.safetensors"
    names = ("model.diffusion_model.a", "first_stage_model.b", "conditioner.embedders.0.c")
    tensors = {name: ("F16", 100 * place) for place, name in enumerate(names, 1)}
    path.write_bytes(safetensors(tensors))
    facts = inspect(base, "", own(path, ""))
    held = {one.name: one.stored for one in facts.components if one.name != "text_encoder_2"}
    assert held == {"unet": 200, "vae": 400, "text_encoder": 600}
    assert facts.missing == ("text_encoder_2/diffusion_pytorch_model.safetensors",)


def test_one_file_is_not_both_experts(folder: Path) -> None:
    index = {**WAN, "transformer_2": WAN["transformer"]}
    path = folder.with_name("x.gguf")
    path.write_bytes(gguf({"a": (F32, (32,))}))
    with pytest.raises(UnusableModel, match="its base has two"):
        inspect(write_model(folder.with_name("a14b"), model_files(index)), "", own(path, ""))


@pytest.mark.parametrize(
    ("name", "table", "told"),
    [
        ("/x.safetensors", {"sha256": None}, "needs both"),
        ("/x.safetensors", {"base": None}, "needs both"),
        ("/x.ckpt", {}, "no path of a .safetensors"),
        ("owner/name", {}, "no path of a .safetensors"),
    ],
)
def test_a_single_file_without_what_it_needs_is_refused(
    folder: Path, name: str, table: dict[str, Any], told: str
) -> None:
    given = {"base": str(folder), "sha256": DIGEST, **table}
    with pytest.raises(ValidationError, match=told):
        DiffusersSettings.model_validate({"kind": "diffusers", "models": {name: given}})
