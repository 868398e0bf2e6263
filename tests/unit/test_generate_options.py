"""`hinode generate` reaches every field of `POST /v1/videos`, and tells what needs a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer

from hinode import load_settings
from hinode.api.form_fields import nest
from hinode.api.openai.video_requests import CreateVideo
from hinode.api.parsing import parse
from hinode.cli import generate_remote, options
from hinode.cli.generate_options import GenerateOptions, Rendered
from hinode.cli.main import app
from hinode.kit.ids import encode_id, new_id, to_video_id

ALIASES = {"duration", "width", "height", "enable_frame_interpolation", "enable_upscaling"}
"""Other spellings of what options say."""
IMAGES = {"input_reference", "last_frame", "reference_images"}
CHARACTERS = [encode_id("char_", new_id()) for _ in range(2)]
WORDS: dict[str, str] = {
    "--model": "sora-2", "--size": "720x1280", "--seconds": "4", "--seed": "7",
    "--num-frames": "97", "--fps": "24", "--resolution": "720p", "--orientation": "portrait",
    "--aspect-ratio": "9:16",
    "--style": "anime", "--negative-prompt": "rain", "--steps": "4", "--guidance-scale": "2",
    "--guidance-scale-2": "3", "--lora": "ink=0.5", "--extra-param": "noise=1",
    "--frame-interpolation": "2", "--upscaling": "3", "--remix": to_video_id(new_id()), "--n": "2",
    "--priority": "low",
}  # fmt: skip
FLAGS = ("--hd", "--no-audio", "--watermark")


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that are read without setting up the log of this process."""
    monkeypatch.setattr(
        options, "read_settings", lambda data, database: load_settings(data=data, database=database)
    )


def generate(*words: str, folder: Path) -> int | None:
    command: Any = typer.main.get_command(app)
    place = ["a fox", "-o", str(folder / "fox.mp4"), "--data", str(folder)]
    code: int | None = command.commands["generate"].main([*place, *words], standalone_mode=False)
    return code


def test_every_field_of_a_video_has_an_option(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen: list[GenerateOptions] = []

    def keep(_server: str, _key: str | None, opts: GenerateOptions, _proxy: object) -> Rendered:
        seen.append(opts)
        return Rendered([])

    monkeypatch.setattr(generate_remote, "render_remote", keep)
    given = [word for pair in WORDS.items() for word in pair]
    given += [word for one in CHARACTERS for word in ("--character", one)]
    assert not generate("--server", "http://127.0.0.1:1", *given, *FLAGS, folder=tmp_path)

    form = generate_remote.form_fields(seen[0].parameters)
    pairs = [
        (name, value)
        for name, values in form.items()
        for value in ([values] if isinstance(values, str) else values)
    ]
    request = parse(CreateVideo, {"prompt": "a fox", **nest(pairs)})
    reached = {
        name
        for name, field in CreateVideo.model_fields.items()
        if getattr(request, name) != field.get_default(call_default_factory=True)
    }
    assert reached == set(CreateVideo.model_fields) - ALIASES - IMAGES
    assert len(request.characters) == 2
    assert (request.render_parameters().upscaling_scale, request.hd) == (3, True)


@pytest.mark.parametrize(
    ("option", "value"),
    [("--character", CHARACTERS[0]), ("--remix", WORDS["--remix"])],
    ids=["character", "remix"],
)
def test_what_a_server_keeps_needs_one(
    option: str, value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert generate(option, value, folder=tmp_path) == 1
    assert f"{option} names what a server keeps" in capsys.readouterr().err
