"""Tiny models of true classes, rendered by the real engine and by a real server, on the CPU."""

from __future__ import annotations

import asyncio
import functools
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from hinode.engines.base import (
    ArtifactRole,
    EngineError,
    JobAction,
    Lora,
    MediaKind,
    RenderParameters,
    RenderSpec,
    Shot,
)
from hinode.engines.diffusers.engine import DiffusersEngine
from hinode.engines.diffusers.settings import DiffusersSettings
from hinode.media.probe import VideoInfo, probe
from hinode.testing.engine_suite import EngineFactory, EngineSuite
from tests.support import patient
from tests.support.hinode_process import HinodeProcess, is_alive
from tests.support.model_studio import SECONDS, Studio
from tests.support.open_models import TORCH_PYTHON

pytestmark = pytest.mark.full


def facts(info: VideoInfo) -> tuple[int, int, int, float, bool]:
    return info.width, info.height, info.frames, info.fps, info.has_audio


@pytest.mark.parametrize(
    "model",
    ["wan21", "wan22_a14b", "hunyuan15", "sana", "cogvideox", "cogvideox15", "mochi", "kandinsky5"],
)
def test_a_prompt_becomes_exactly_what_was_planned(studio: Studio, model: str) -> None:
    # Twenty frames are no legal count of any of them, 72 pixels no legal side.
    assert facts(studio.video(model, height=72)) == (64, 72, 20, 10.0, False)


def test_sound_is_as_long_as_the_frames(studio: Studio) -> None:
    heard = studio.video("ltx2")
    assert facts(heard) == (64, 64, 20, 10.0, True)
    assert heard.audio_seconds == pytest.approx(2.0, abs=0.05)
    silent = RenderParameters(num_inference_steps=2, generate_audio=False)
    assert not studio.video("ltx2", parameters=silent).has_audio


@pytest.mark.parametrize("model", ["cogvideox15_i2v", "sana_i2v", "kandinsky5_i2v"])
def test_weights_for_a_first_frame_need_one(studio: Studio, picture: Path, model: str) -> None:
    with pytest.raises(EngineError) as refused:
        studio.render(model)
    assert refused.value.code == "first_frame_required"
    info = studio.video(model, first_frame=picture)
    assert facts(info) == (64, 64, 20, 10.0, False)


def test_a_model_that_takes_the_size_of_its_picture_is_measured(
    studio: Studio, picture: Path
) -> None:
    info = studio.video("hunyuan15_i2v", first_frame=picture)
    assert facts(info) == (64, 64, 20, 10.0, False)


def test_sound_of_another_rate_is_as_long_as_the_frames(studio: Studio, picture: Path) -> None:
    heard = studio.video("kandinsky6", first_frame=picture)
    assert facts(heard) == (64, 64, 20, 10.0, True)
    assert heard.audio_seconds == pytest.approx(2.0, abs=0.05)


def test_steps_after_the_render_are_in_the_file(studio: Studio) -> None:
    steps = RenderParameters(num_inference_steps=2, frame_interpolation_exp=1, upscaling_scale=2)
    heard = studio.video("ltx2", width=128, height=128, fps=20, frames=17, parameters=steps)
    assert facts(heard) == (128, 128, 17, 20.0, True)
    assert heard.audio_seconds == pytest.approx(17 / 20, abs=0.05)


def test_a_modular_model_renders_from_text_and_between_two_pictures(
    studio: Studio, picture: Path
) -> None:
    # Its shortest is five seconds long, of which the rest is cut.
    told: list[float] = []
    files = asyncio.run(studio.collect(studio.spec("minimax_h3", fps=24, frames=110), told))
    heard = probe(files[0].path)
    assert facts(heard) == (64, 64, 110, 24.0, True)
    assert heard.audio_seconds == pytest.approx(110 / 24, abs=0.05)
    assert told == sorted(told)
    ends = {"first_frame": picture, "last_frame": picture}
    info = studio.video("minimax_h3", fps=24, frames=124, **ends)
    assert facts(info) == (64, 64, 124, 24.0, True)


def test_sound_goes_with_a_video_from_a_first_frame(studio: Studio, picture: Path) -> None:
    assert facts(studio.video("ltx2", first_frame=picture)) == (64, 64, 20, 10.0, True)


def test_one_folder_renders_from_text_and_from_a_first_frame(studio: Studio, picture: Path) -> None:
    text = studio.render("wan22_5b")[ArtifactRole.VIDEO].path.read_bytes()
    pid = studio.pid
    again = studio.render("wan22_5b")[ArtifactRole.VIDEO].path.read_bytes()
    other = studio.render("wan22_5b", seed=8)[ArtifactRole.VIDEO].path.read_bytes()
    assert text == again != other
    info = studio.video("wan22_5b", first_frame=picture)
    assert facts(info) == (64, 64, 20, 10.0, False)
    assert studio.pid == pid


def test_a_storyboard_a_remix_and_an_extension_have_their_frames(studio: Studio) -> None:
    shots = (Shot("it sails", 7), Shot("it sinks", 13))
    made = studio.render("wan22_5b", shots=shots, watermarked_copy=True)
    source = made[ArtifactRole.VIDEO].path
    assert probe(source).frames == 20
    assert probe(made[ArtifactRole.WATERMARKED].path).frames == 20
    derived = {"source": source, "prompt_history": ("a lake",)}
    assert studio.video("wan22_5b", action=JobAction.REMIX, **derived).frames == 20
    longer = studio.video(
        "wan22_5b", action=JobAction.EXTENSION, kept_frames=20, frames=32, **derived
    )
    assert facts(longer) == (64, 64, 32, 10.0, False)


def test_both_ends_of_a_video_are_pictures(studio: Studio, picture: Path) -> None:
    with pytest.raises(EngineError) as refused:
        studio.render("wan22_i2v")
    assert refused.value.code == "first_frame_required"
    info = studio.video("wan22_i2v", first_frame=picture, last_frame=picture)
    assert facts(info) == (64, 64, 20, 10.0, False)


@pytest.mark.parametrize("model", ["zimage", "qwen_image", "klein", "sdxl"])
def test_pictures_are_made_and_changed(studio: Studio, picture: Path, model: str) -> None:
    image = {"kind": MediaKind.IMAGE, "frames": 1, "fps": 1, "width": 72, "height": 64}
    files = asyncio.run(studio.collect(studio.spec(model, outputs=2, **image)))
    made = [one for one in files if one.role is ArtifactRole.IMAGE]
    assert [(one.output, one.width, one.height) for one in made] == [(0, 72, 64), (1, 72, 64)]
    assert made[0].path.read_bytes() != made[1].path.read_bytes()
    changed = studio.render(model, references=(picture,), **image)[ArtifactRole.IMAGE]
    with Image.open(changed.path) as opened:
        assert opened.size == (72, 64)


@pytest.mark.parametrize(("model", "count"), [("qwen_edit", 1), ("qwen_edit_plus", 2)])
def test_a_model_that_only_changes_pictures_does(
    studio: Studio, picture: Path, model: str, count: int
) -> None:
    image = {"kind": MediaKind.IMAGE, "frames": 1, "fps": 1, "width": 72, "height": 64}
    with pytest.raises(EngineError) as refused:
        studio.render(model, **image)
    assert refused.value.code == "first_frame_required"
    made = studio.render(model, references=(picture,) * count, **image)[ArtifactRole.IMAGE]
    with Image.open(made.path) as opened:
        assert opened.size == (72, 64)


def test_a_lora_counts_for_its_own_job_and_by_its_weight(studio: Studio) -> None:
    def rendered(*weights: float) -> bytes:
        path = str(studio.models / "lora.safetensors")
        loras = tuple(Lora("ink", weight, path) for weight in weights)
        parameters = RenderParameters(num_inference_steps=2, lora=loras)
        return studio.render("wan21", parameters=parameters)[ArtifactRole.VIDEO].path.read_bytes()

    plain, inked = rendered(), rendered(1.0)
    assert inked != plain
    assert rendered(0.5) not in (plain, inked)
    assert rendered() == plain


def test_a_lora_that_is_no_safetensors_file_is_refused(studio: Studio, tmp_path: Path) -> None:
    pickled = tmp_path / "ink.bin"
    pickled.write_bytes(b"pickled")
    parameters = RenderParameters(num_inference_steps=2, lora=(Lora("ink", 1.0, str(pickled)),))
    with pytest.raises(EngineError) as refused:
        studio.render("wan21", parameters=parameters)
    assert refused.value.code == "lora_unusable"
    assert str(tmp_path) not in str(refused.value)


def test_a_cancel_at_a_step_keeps_the_model_which_then_renders_rightly(studio: Studio) -> None:
    before = studio.render("wan21")[ArtifactRole.VIDEO].path.read_bytes()
    pid = studio.pid

    async def stop() -> None:
        long = RenderParameters(num_inference_steps=900)
        told: list[float] = []
        task = asyncio.create_task(studio.collect(studio.spec("wan21", parameters=long), told))
        while not told or told[-1] < 0.05:
            assert not task.done(), task.result()
            await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert told == sorted(told)

    asyncio.run(stop())
    after = studio.render("wan21")[ArtifactRole.VIDEO].path.read_bytes()
    assert (after, studio.pid) == (before, pid)


def test_a_killed_process_costs_one_job(studio: Studio) -> None:
    studio.render("wan21")
    killed = studio.pid
    assert killed is not None

    async def run() -> None:
        long = RenderParameters(num_inference_steps=900)
        told: list[float] = []
        task = asyncio.create_task(studio.collect(studio.spec("wan21", parameters=long), told))
        while not told:  # noqa: ASYNC110 - what is awaited has no event
            await asyncio.sleep(0.05)
        os.kill(killed, signal.SIGKILL)
        with pytest.raises(EngineError) as lost:
            await task
        assert (lost.value.code, lost.value.host_suspected) == ("render_crashed", True)

    asyncio.run(run())
    assert studio.video("wan21").frames == 20
    assert studio.pid != killed


@pytest.mark.parametrize(
    ("component", "harm", "code"),
    [
        ("transformer", "tensors.pop(first)", "model_unusable"),
        ("text_encoder", "tensors.pop(first)", "model_unusable"),  # filled up at random otherwise
        ("transformer", "tensors[first] = tensors[first][:1]", "model_unusable"),
        ("vae", "tensors = {name: one * float('nan') for name, one in tensors.items()}",
         "render_failed"),
    ],
)  # fmt: skip
def test_damaged_weights_are_refused_until_they_are_whole(
    studio: Studio, tmp_path: Path, component: str, harm: str, code: str
) -> None:
    folder = tmp_path / "half"
    shutil.copytree(studio.models / "wan21", folder)
    (weights,) = (folder / component).glob("*.safetensors")
    whole = weights.read_bytes()
    command = [str(TORCH_PYTHON), "-c", _HARM.format(harm=harm), str(weights)]
    subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)
    used = set()
    for _ in range(2):
        with pytest.raises(EngineError) as refused:
            asyncio.run(studio.collect(replace(studio.spec("wan21"), model=str(folder))))
        assert refused.value.code == code
        assert "get the model again" in str(refused.value).lower()
        assert str(tmp_path) not in str(refused.value)
        used.add(studio.pid)
    weights.write_bytes(whole)
    if code == "model_unusable":
        asyncio.run(studio.collect(replace(studio.spec("wan21"), model=str(folder))))
    assert used == {studio.pid}


_HARM = """
import sys
from safetensors.torch import load_file, save_file
tensors = load_file(sys.argv[1])
first = sorted(tensors)[0]
{harm}
save_file(tensors, sys.argv[1], {{"format": "pt"}})
"""


class TestContract(EngineSuite):
    @pytest.fixture(autouse=True)
    def _models(self, tiny_models: Path) -> None:
        self.models = tiny_models

    def factory(self) -> EngineFactory:
        given = {
            "devices": "cpu",
            "python": str(TORCH_PYTHON),
            "steps": 2,
            "model_folder": self.models,
        }
        settings = DiffusersSettings.model_validate({"kind": "diffusers", **given})
        return functools.partial(DiffusersEngine, "local", settings)

    def spec(self) -> RenderSpec:
        return replace(super().spec(), model=str(self.models / "wan22_5b"))


SETTINGS = """
[engines.local]
kind = "diffusers"
devices = "cpu"
python = "{python}"
steps = 2

[models.sora-2]
engine = "local"
upstream = "{models}/ltx2"
seconds = [1]

[models.sora_image]
engine = "local"
upstream = "{models}/zimage"
"""


@pytest.fixture
def server(tiny_models: Path, tmp_path: Path) -> Iterator[HinodeProcess]:
    """A running server that renders with tiny models."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "hinode.toml").write_text(SETTINGS.format(python=TORCH_PYTHON, models=tiny_models))
    process = HinodeProcess(data)
    process.start()
    yield process
    process.stop()


@pytest.fixture
def client(server: HinodeProcess) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {server.key}"}
    with patient.Client(base_url=server.address, headers=headers, timeout=60) as opened:
        yield opened


def poll(step: Callable[[], Any]) -> Any:
    """Ask until there is something."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if found := step():
            return found
        time.sleep(0.1)
    raise AssertionError("it took too long")


def test_a_server_renders_with_it(client: httpx.Client, tmp_path: Path) -> None:
    fields = {"model": "sora-2", "prompt": "a boat", "seconds": "1", "size": "768x512"}
    video = client.post("/v1/videos", data=fields).raise_for_status().json()

    def ended(path: str) -> Any:
        found = client.get(path).json()
        return found if found["status"] in ("completed", "failed") else None

    video = poll(lambda: ended(f"/v1/videos/{video['id']}"))
    assert (video["status"], video["progress"]) == ("completed", 100), video
    path = tmp_path / "video.mp4"
    path.write_bytes(client.get(f"/v1/videos/{video['id']}/content").content)
    # The rule of the class, which the folder tells: the nearest count of a second.
    assert facts(probe(path)) == (768, 512, 25, 24.0, True)


def test_no_process_outlives_its_server(server: HinodeProcess, client: httpx.Client) -> None:
    fields = {"model": "sora-2", "prompt": "a boat", "num_inference_steps": "200"}
    client.post("/v1/videos", data=fields).raise_for_status()
    poll(server.children)
    children = server.kill()
    poll(lambda: not any(is_alive(one) for one in children))
