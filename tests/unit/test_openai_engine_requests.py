"""What each profile sends: the fields that its server understands, and no others."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from hinode.engines.base import (
    JobAction,
    Lora,
    MediaKind,
    RenderParameters,
    RenderSpec,
    Shot,
    Style,
)
from hinode.engines.openai.profiles import PROFILES
from hinode.engines.openai.requests import CreateRequest, ServerModel, create_request
from hinode.engines.remote.errors import UpstreamError
from hinode.engines.remote.http import FilePart
from hinode.kit.ids import new_id

SPEC = RenderSpec(
    job_id=new_id(), kind=MediaKind.VIDEO, prompt="a fox", width=1280, height=720, fps=16,
    frames=81, seed=7,
)  # fmt: skip
THERE = ServerModel("their-model", {"guidance_scale": 5.5, "enhance": True})


def built(profile: str, spec: RenderSpec, folder: Path, parent: str | None = None) -> CreateRequest:
    return create_request(spec, PROFILES[profile], THERE, folder, parent)


def fields(create: CreateRequest) -> dict[str, Any]:
    return dict(create.form) if create.form is not None else dict(create.json or {})


@pytest.fixture
def pictured(tmp_path: Path) -> RenderSpec:
    path = tmp_path / "given.png"
    Image.new("RGB", (300, 300), (9, 9, 9)).save(path)
    return replace(SPEC, first_frame=path)


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ("openai", {"seconds": "5", "size": "1280x720"}),
        ("hinode", {"seconds": "5", "size": "1280x720", "seed": "7"}),
        ("litellm", {"seconds": "5", "size": "1280x720"}),
        (
            "vllm-omni",
            {"num_frames": "81", "fps": "16", "width": "1280", "height": "720", "seed": "7"},
        ),
    ],
)
def test_forms_hold_what_the_server_reads(
    profile: str, expected: dict[str, str], tmp_path: Path
) -> None:
    create = built(profile, SPEC, tmp_path)
    assert create.path == "/videos"
    usual = {"model": "their-model", "prompt": "a fox", "guidance_scale": "5.5", "enhance": "true"}
    assert fields(create) == {**usual, **expected}


def test_sglang_is_told_in_json_with_its_reference_as_text(
    pictured: RenderSpec, tmp_path: Path
) -> None:
    body = fields(built("sglang", replace(pictured, outputs=2), tmp_path))
    assert (body["n"], body["num_frames"], body["fps"], body["seed"]) == (2, 81, 16, 7)
    assert body["enhance"] is True
    head, _, data = body["input_reference"].partition(",")
    assert head == "data:image/png;base64"
    with Image.open(io.BytesIO(base64.b64decode(data))) as picture:
        assert picture.size == (1280, 720)


@pytest.mark.parametrize(
    ("size", "resolution", "ratio"),
    [
        ((1280, 720), "720p", "16:9"),
        ((720, 1280), "720p", "9:16"),
        ((832, 480), "480p", "16:9"),
        ((1080, 1080), "1080p", "1:1"),
    ],
)
def test_openrouter_is_told_a_shape(
    size: tuple[int, int], resolution: str, ratio: str, pictured: RenderSpec, tmp_path: Path
) -> None:
    spec = replace(pictured, width=size[0], height=size[1])
    body = fields(built("openrouter", spec, tmp_path))
    assert (body["duration"], body["resolution"], body["aspect_ratio"]) == (5, resolution, ratio)
    assert body["frame_images"][0]["frame_type"] == "first_frame"
    assert "size" not in body


def test_a_first_frame_is_a_file_of_the_videos_size(pictured: RenderSpec, tmp_path: Path) -> None:
    part = fields(built("openai", pictured, tmp_path))["input_reference"]
    assert isinstance(part, FilePart)
    with Image.open(part.path) as picture:
        assert (picture.format, picture.size) == ("PNG", (1280, 720))


def test_a_remix_names_its_parent_there(tmp_path: Path) -> None:
    create = built("hinode", replace(SPEC, action=JobAction.REMIX), tmp_path, "video_1/..")
    assert create.path == "/videos/video_1%2F../remix"
    assert fields(create)["prompt"] == "a fox"


def test_without_a_parent_there_its_file_is_sent(tmp_path: Path) -> None:
    source = tmp_path / "film.mp4"
    spec = replace(SPEC, action=JobAction.REMIX, source=source)
    create = built("openai", spec, tmp_path)
    assert create.path == "/videos/edits"
    assert fields(create)["video"] == FilePart(source, "video.mp4", "video/mp4")
    assert fields(create)["model"] == "their-model"
    with pytest.raises(UpstreamError):
        built("openai", replace(spec, source=None), tmp_path)


def test_an_extension_says_how_much_is_added(tmp_path: Path) -> None:
    spec = replace(SPEC, action=JobAction.EXTENSION, frames=144, kept_frames=80)
    create = built("openai", spec, tmp_path, "video_1")
    assert create.path == "/videos/extensions"
    sent = fields(create)
    assert (sent["seconds"], sent["video[id]"]) == ("4", "video_1")
    assert "model" not in sent


def test_styles_and_shots_are_told_in_the_prompt(tmp_path: Path) -> None:
    shots = (Shot("a hill", 32), Shot("a valley", 49))
    spec = replace(SPEC, style=Style.ANIME, shots=shots)
    prompt = fields(built("vllm-omni", spec, tmp_path))["prompt"]
    assert prompt.splitlines() == [
        "a fox",
        "Style: anime.",
        "Shot 1 (2 s): a hill",
        "Shot 2 (3.0625 s): a valley",
    ]


def test_a_server_that_knows_its_model_is_told_none(tmp_path: Path) -> None:
    create = create_request(SPEC, PROFILES["vllm-omni"], ServerModel("", {}), tmp_path, None)
    assert "model" not in fields(create)


GIVEN = RenderParameters(
    num_frames=81,
    negative_prompt="rain",
    num_inference_steps=30,
    guidance_scale=6.0,
    generate_audio=True,
    lora=(Lora("ink", 0.5, "/loras/ink"),),
    extra_params={"flow_shift": 3.5, "mode": "fast"},
)
PLAIN = {"negative_prompt": "rain", "num_inference_steps": 30, "guidance_scale": 6.0}


def with_parameters(profile: str, tmp_path: Path, **fields: Any) -> dict[str, Any]:
    """The fields of a create with the parameters that its profile declares."""
    declared = PROFILES[profile].parameters
    given = GIVEN.only(declared, GIVEN.extra_params)
    return dict(fields_of(built(profile, replace(SPEC, parameters=given, **fields), tmp_path)))


def fields_of(create: CreateRequest) -> list[tuple[str, Any]]:
    return create.form if create.form is not None else list((create.json or {}).items())


def test_vllm_omni_gets_its_own_names_and_one_lora_with_its_path(tmp_path: Path) -> None:
    sent = with_parameters("vllm-omni", tmp_path)

    assert {name: sent[name] for name in PLAIN} == {k: str(v) for k, v in PLAIN.items()}
    assert (sent["generate_sound"], sent["flow_shift"]) == ("true", "3.5")
    assert json.loads(sent["lora"]) == {"name": "ink", "local_path": "/loras/ink", "scale": 0.5}
    assert json.loads(sent["extra_params"]) == {"mode": "fast"}
    assert (sent["num_frames"], sent["fps"], sent["seed"]) == ("81", "16", "7")


def test_sglang_gets_numbers_and_extra_parameters_as_fields(tmp_path: Path) -> None:
    sent = with_parameters("sglang", tmp_path)

    assert {name: sent[name] for name in PLAIN} == PLAIN
    assert (sent["flow_shift"], sent["mode"]) == (3.5, "fast")
    assert not {"lora", "generate_audio", "extra_params"} & set(sent)


def test_another_hinode_gets_all_of_them_and_frames_instead_of_seconds(tmp_path: Path) -> None:
    sent = with_parameters("hinode", tmp_path)

    assert (sent["num_frames"], sent["fps"], sent["size"]) == ("81", "16", "1280x720")
    assert "seconds" not in sent
    assert json.loads(sent["lora"]) == [{"name": "/loras/ink", "weight": 0.5}]
    assert json.loads(sent["extra_params"]) == GIVEN.extra_params


def test_a_profile_that_declares_none_gets_none(tmp_path: Path) -> None:
    given = GIVEN.only(PROFILES["openai"].parameters, ())
    assert fields(built("openai", replace(SPEC, parameters=given), tmp_path)) == fields(
        built("openai", SPEC, tmp_path)
    )


def test_last_frames_and_references_are_sent_as_the_server_takes_them(tmp_path: Path) -> None:
    path = tmp_path / "end.png"
    Image.new("RGB", (64, 64)).save(path)

    files = fields_of(
        built("hinode", replace(SPEC, last_frame=path, references=(path, path)), tmp_path)
    )
    named = [name for name, value in files if isinstance(value, FilePart)]
    assert named == ["reference_images", "reference_images", "last_frame"]
    vllm = fields_of(built("vllm-omni", replace(SPEC, references=(path,)), tmp_path))
    assert [name for name, one in vllm if isinstance(one, FilePart)] == ["input_references"]
    router = with_parameters("openrouter", tmp_path, last_frame=path, references=(path,))
    assert [one["frame_type"] for one in router["frame_images"]] == ["last_frame"]
    assert router["input_references"][0]["image_url"]["url"].startswith("data:image/png;base64,")
    assert router["generate_audio"] is True
