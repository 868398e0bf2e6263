"""A model's folder tells which inputs it takes, and a request for others is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hinode import HinodeError
from hinode.api.openai.models import model_object, video_model_object
from hinode.components import build_catalog, engine_capabilities
from hinode.config.settings import Settings
from hinode.core.catalog.capabilities import (
    EngineCapabilities,
    Requirements,
    check_capabilities,
    parameter_support,
)
from hinode.core.catalog.types import Model
from hinode.engines.diffusers.engine import DiffusersEngine
from hinode.engines.diffusers.settings import DiffusersSettings
from hinode.engines.diffusers.weights.manifest import Manifest, write_manifest
from hinode.media.parameters import Parameter
from hinode.media.post_steps import PostStep
from hinode.media.types import ArtifactRole, JobAction
from tests.support.open_models import WAN, WAN_CONFIG, model_files, write_model

EXPERTS = {"transformer_2": ["diffusers", "WanTransformer3DModel"]}
IMAGE_WAN = WAN | {"_class_name": "WanImageToVideoPipeline"} | EXPERTS
FROM_PICTURE = WAN_CONFIG | {"in_channels": 36, "num_attention_heads": 40}
BOTH_WAYS = WAN | {"expand_timesteps": True}
UPLOAD, LAST, REFERENCE = ArtifactRole.UPLOAD, ArtifactRole.LAST_FRAME, ArtifactRole.REFERENCE

MODELS: Mapping[str, dict[str, bytes]] = {
    "text": model_files(),
    "picture": model_files(IMAGE_WAN, FROM_PICTURE),
    "both": model_files(BOTH_WAYS, {"in_channels": 48}),
    "sound": model_files(WAN | {"_class_name": "LTX2Pipeline"}, {}),
    "edits": model_files(WAN | {"_class_name": "QwenImageEditPipeline"}, {}),
    "klein": model_files(WAN | {"_class_name": "Flux2KleinPipeline"}, {}),
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> DiffusersEngine:
    folder = tmp_path_factory.mktemp("models")
    for name, files in MODELS.items():
        write_model(folder / name, files)
    given = {"kind": "diffusers", "devices": "cpu", "model_folder": folder}
    return DiffusersEngine("local", DiffusersSettings.model_validate(given))


def served(engine: DiffusersEngine, name: str) -> tuple[dict[str, EngineCapabilities], Model]:
    """Return what is known of the engine, and a model that it renders with these weights."""
    path = str(engine._settings.model_folder / name)  # type: ignore[operator]
    model = "sora_image" if name in ("edits", "klein") else "sora-2"
    tables: Any = {
        "engines": {"local": {"kind": "diffusers", "devices": "cpu"}},
        "models": {model: {"engine": "local", "upstream": path}},
    }
    catalog = build_catalog(Settings.model_validate(tables))
    return {"local": engine_capabilities(engine, [path])}, catalog.get(model)


@pytest.mark.parametrize(
    ("name", "action", "images", "refused"),
    [
        ("text", JobAction.CREATE, (), None),
        ("text", JobAction.CREATE, (UPLOAD,), "input_reference"),
        ("text", JobAction.CREATE, (LAST,), "last_frame"),
        ("text", JobAction.CREATE, (REFERENCE,), "reference_images"),
        ("text", JobAction.REMIX, (), None),
        ("text", JobAction.EDIT, (), "model"),
        ("text", JobAction.EXTENSION, (), "model"),
        ("picture", JobAction.CREATE, (), "input_reference"),
        ("picture", JobAction.CREATE, (LAST,), "input_reference"),
        ("picture", JobAction.CREATE, (UPLOAD, LAST), None),
        ("picture", JobAction.EXTENSION, (), None),
        ("both", JobAction.CREATE, (), None),
        ("both", JobAction.CREATE, (UPLOAD,), None),
        ("both", JobAction.CREATE, (UPLOAD, LAST), "last_frame"),
        ("sound", JobAction.CREATE, (UPLOAD,), None),
        ("sound", JobAction.EDIT, (), None),
        ("edits", JobAction.CREATE, (), "image"),
        ("edits", JobAction.CREATE, (UPLOAD,), None),
        ("klein", JobAction.CREATE, (), None),
    ],
)
def test_an_input_that_the_weights_cannot_take_is_refused(
    engine: DiffusersEngine,
    name: str,
    action: JobAction,
    images: tuple[ArtifactRole, ...],
    refused: str | None,
) -> None:
    known, model = served(engine, name)
    required = Requirements(action, frozenset(images), 1)
    if refused is None:
        check_capabilities(known, model, required)
        return
    with pytest.raises(HinodeError) as error:
        check_capabilities(known, model, required)
    assert (error.value.code, error.value.param) == ("unsupported_value", refused)


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("text", {"GENERATE_AUDIO", "LAST_FRAME", "GUIDANCE_SCALE_2"}),
        ("picture", {"GENERATE_AUDIO"}),
        ("sound", {"LAST_FRAME", "GUIDANCE_SCALE_2"}),
        (
            "klein",
            {"GENERATE_AUDIO", "LAST_FRAME", "GUIDANCE_SCALE_2", "NEGATIVE_PROMPT"}
            | {"FRAME_INTERPOLATION_EXP", "UPSCALING_SCALE"},
        ),
    ],
)
def test_parameters_are_those_of_the_weights(
    engine: DiffusersEngine, name: str, missing: set[str]
) -> None:
    known, model = served(engine, name)
    offered = replace(model, post_steps=dict.fromkeys(PostStep, 0))
    taken = parameter_support(known, offered).parameters
    never = {Parameter.REFERENCE_IMAGES, Parameter.LORA}  # the model lists no LoRA
    assert taken == frozenset(Parameter) - never - {Parameter[one] for one in missing}


@pytest.mark.parametrize(
    ("name", "inputs", "sound"),
    [
        ("text", ["text"], False),
        ("picture", ["first_frame"], False),
        ("both", ["text", "first_frame"], False),
        ("sound", ["text", "first_frame"], True),
        ("klein", ["text", "image"], None),
        ("edits", ["image"], None),
    ],
)
def test_the_list_of_models_tells_the_inputs(
    engine: DiffusersEngine, name: str, inputs: list[str], sound: bool | None
) -> None:
    known, model = served(engine, name)
    assert model_object(model, known)["hinode"]["inputs"] == inputs
    if sound is not None:
        shown = video_model_object(model, known)
        assert (shown["inputs"], shown["audio"]) == (inputs, sound)


def test_a_model_of_the_other_kind_is_refused(engine: DiffusersEngine) -> None:
    pictures, _ = served(engine, "edits")
    _, videos = served(engine, "text")
    made_for_videos = {"local": pictures["local"].at(next(iter(pictures["local"].models)))}
    with pytest.raises(HinodeError) as error:
        check_capabilities(made_for_videos, videos, Requirements(JobAction.CREATE, frozenset(), 1))
    assert error.value.param == "model"


def test_a_model_that_comes_later_is_described_then(tmp_path: Path) -> None:
    given = {"kind": "diffusers", "devices": "cpu", "model_folder": tmp_path}
    made = DiffusersEngine("local", DiffusersSettings.model_validate(given))
    path = str(tmp_path / "late")
    assert made.capabilities_of(path) is None
    write_model(tmp_path / "late")
    described = made.capabilities_of(path)
    assert described is not None
    assert not described.first_frame


def test_weights_of_eight_bit_floats_take_no_loras(tmp_path: Path) -> None:
    path = str(write_model(tmp_path / "wan"))
    for quantization, takes in ((None, True), ("int8", True), ("fp8", False)):
        given = {
            "kind": "diffusers", "devices": "cpu", "model_folder": tmp_path,
            "models": {path: {"quantization": quantization}},
        }  # fmt: skip
        made = DiffusersEngine("local", DiffusersSettings.model_validate(given))
        described = made.capabilities_of(path)
        assert described is not None
        assert (Parameter.LORA in described.parameters) is takes


@pytest.mark.parametrize(
    ("licence", "configured", "told"),
    [
        ("flux-non-commercial", None, "flux-non-commercial (may have limits)"),
        ("apache-2.0", None, "apache-2.0"),
        (None, None, "that of the model"),
        ("apache-2.0", "ours", "ours"),
    ],
)
def test_weights_and_their_licence_are_told(
    tmp_path: Path, licence: str | None, configured: str | None, told: str
) -> None:
    write_model(tmp_path / "makers--klein", MODELS["klein"])
    record = Manifest("makers/klein", None, "1" * 40, licence, complete=True)
    write_manifest(tmp_path / "makers--klein", record)
    given = {"kind": "diffusers", "devices": "cpu", "model_folder": tmp_path, "licence": configured}
    made = DiffusersEngine(
        "local",
        DiffusersSettings.model_validate({k: v for k, v in given.items() if v is not None}),
    )

    described = made.capabilities_of("makers/klein")

    assert described is not None
    assert (described.weights, described.licence) == ("makers/klein", told)
    tables: Any = {
        "engines": {"local": {"kind": "diffusers", "devices": "cpu"}},
        "models": {"sora_image": {"engine": "local", "upstream": "makers/klein"}},
    }
    model = build_catalog(Settings.model_validate(tables)).get("sora_image")
    known = {"local": engine_capabilities(made, ["makers/klein"])}
    assert model_object(model, known)["hinode"]["licence"] == told


def test_a_folder_is_told_by_its_last_part(engine: DiffusersEngine) -> None:
    folder = str(engine._settings.model_folder / "sound")  # type: ignore[operator]
    described = engine.capabilities_of(folder)
    assert described is not None
    assert described.weights == "sound"
    assert described.licence == "LTX-2 community licence (commercial limits)"
