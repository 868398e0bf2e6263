"""Every dialect and the command render with tiny open-weight models, on a real server."""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import httpx
import pytest
from PIL import Image

from hinode.media.probe import VideoInfo, probe
from tests.support import patient
from tests.support.chat import asking, links_in
from tests.support.hinode_process import HinodeProcess, hinode
from tests.support.open_models import TORCH_PYTHON
from tests.support.pictures import png_bytes
from tests.support.responses import good
from tests.support.sora_creation import CREATE, PICTURE, STORYBOARD

pytestmark = pytest.mark.full

SECONDS = 300
SIZE = (768, 512)
SHORT, SECOND = 9, 25
"""The class's counts, at 24 frames per second; decoding is what takes the time here."""
CUT = 12
"""The frame at which the second of two equal shots of a second begins."""

SETTINGS = """
[engines.local]
kind = "diffusers"
devices = "cpu"
python = "{python}"
steps = 1

[models.sora-2]
engine = "local"
upstream = "{models}/ltx2"
seconds = [1]
sizes = ["768x512"]
post_steps = {{ frame_interpolation = 1 }}

[models.sy_8]
engine = "local"
upstream = "{models}/ltx2"
seconds = [1]
sizes = ["768x512"]

[models.sora_image]
engine = "local"
upstream = "{models}/zimage"
sizes = ["360x360", "256x256"]
"""


@pytest.fixture(scope="module")
def server(tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HinodeProcess]:
    data = tmp_path_factory.mktemp("server") / "data"
    data.mkdir()
    (data / "hinode.toml").write_text(SETTINGS.format(python=TORCH_PYTHON, models=tiny_models))
    process = HinodeProcess(data)
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def client(server: HinodeProcess) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {server.key}"}
    with patient.Client(base_url=server.address, headers=headers, timeout=SECONDS) as opened:
        yield opened


@pytest.fixture
def film(tmp_path: Path) -> Callable[[bytes], VideoInfo]:
    def read(content: bytes) -> VideoInfo:
        path = tmp_path / "film.mp4"
        path.write_bytes(content)
        return probe(path)

    return read


Film = Callable[[bytes], VideoInfo]


def until(step: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + SECONDS
    while not (found := step()):
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.1)
    return found


def ended(client: httpx.Client, video: dict[str, Any]) -> dict[str, Any]:
    """Wait for a video of OpenAI's dialect and check that it was completed."""

    def look() -> Any:
        found = good(client.get(f"/v1/videos/{video['id']}"))
        return found if found["status"] in ("completed", "failed") else None

    found: dict[str, Any] = until(look)
    assert (found["status"], found["progress"]) == ("completed", 100), found
    return found


def content(client: httpx.Client, video: dict[str, Any], **query: Any) -> bytes:
    answer = client.get(f"/v1/videos/{video['id']}/content", params=query)
    assert answer.status_code == 200, answer.text
    return answer.content


@pytest.fixture(scope="module")
def parent(client: httpx.Client) -> dict[str, Any]:
    """A video of two outputs."""
    fields = {"model": "sora-2", "prompt": "a boat", "num_frames": SHORT, "n": 2, "seed": 5}
    return ended(client, good(client.post("/v1/videos", json=fields)))


def test_a_seed_makes_its_outputs(client: httpx.Client, parent: dict[str, Any], film: Film) -> None:
    first, second = (content(client, parent, index=one) for one in (0, 1))
    assert (film(first).frames, film(second).frames) == (SHORT, SHORT)
    fields = {"prompt": "a boat", "num_frames": SHORT, "seed": 6}
    alone = content(client, ended(client, good(client.post("/v1/videos", json=fields))))
    assert pixels_of(alone) == pixels_of(second) != pixels_of(first)


def pixels_of(video: bytes) -> bytes:
    """The first picture; the files differ by their provenance."""
    with av.open(io.BytesIO(video), "r") as opened:
        return next(opened.decode(video=0)).to_ndarray().tobytes()


def differences(video: bytes) -> list[float]:
    """Return how much each frame differs from the one before it."""
    with av.open(io.BytesIO(video), "r") as opened:
        frames = [one.to_ndarray(format="gray").astype(int) for one in opened.decode(video=0)]
    return [float(abs(b - a).mean()) for a, b in pairwise(frames)]


@pytest.mark.parametrize(
    ("path", "more", "frames"),
    [
        ("{id}/remix", {}, SHORT),
        ("edits", {"video": {"id": "{id}"}}, SHORT),
        ("extensions", {"video": {"id": "{id}"}, "seconds": "1"}, SHORT + SECOND),
    ],
    ids=["remix", "edit", "extension"],
)
def test_a_video_is_changed_and_goes_on(
    client: httpx.Client,
    parent: dict[str, Any],
    film: Film,
    path: str,
    more: dict[str, Any],
    frames: int,
) -> None:
    filled = json.loads(json.dumps(more).replace("{id}", parent["id"]))
    answer = client.post(f"/v1/videos/{path.format(**parent)}", json={"prompt": "fog", **filled})
    info = film(content(client, ended(client, good(answer))))
    assert (info.width, info.height, info.frames, info.fps) == (*SIZE, frames, 24.0)
    assert info.audio_seconds == pytest.approx(frames / 24, abs=0.05)


def test_a_step_after_the_render_is_in_the_file_as_it_is_told(
    client: httpx.Client, film: Film
) -> None:
    fields = {"prompt": "a boat", "num_frames": SHORT, "enable_frame_interpolation": True}
    made = ended(client, good(client.post("/v1/videos", json=fields)))
    info = film(content(client, made))
    assert (made["num_frames"], made["fps"], made["frame_interpolation_exp"]) == (17, 48, 1)
    assert (info.width, info.height, info.frames, info.fps) == (*SIZE, 17, 48.0)
    assert info.audio_seconds == pytest.approx(17 / 48, abs=0.05)


def test_a_picture_and_a_style_come_over_http(client: httpx.Client, film: Film) -> None:
    picture = {"input_reference": ("first.png", png_bytes(*SIZE), "image/png")}
    fields = {"prompt": "a boat", "num_frames": str(SHORT), "style": "anime"}
    made = ended(client, good(client.post("/v1/videos", data=fields, files=picture)))
    assert film(content(client, made)).frames == SHORT


def test_pictures_come_from_the_image_model(client: httpx.Client) -> None:
    fields = {"model": "sora_image", "prompt": "a boat", "size": "360x360", "n": 2}
    fields["response_format"] = "b64_json"
    given = good(client.post("/v1/images/generations", json=fields))["data"]
    shown = [base64.b64decode(one["b64_json"]) for one in given]
    assert shown[0] != shown[1]
    for one in shown:
        assert Image.open(io.BytesIO(one)).size == (360, 360)
    file = {"image": ("a.png", shown[0], "image/png")}
    changed = good(client.post("/v1/images/edits", data={"prompt": "at night"}, files=file))
    assert len(changed["data"]) == 1


@pytest.mark.parametrize("model", ["sora-2", "sora_image"])
def test_a_chat_shows_what_was_rendered(client: httpx.Client, model: str) -> None:
    body = asking("a boat", model, **({"num_frames": SHORT} if model == "sora-2" else {}))
    answer = good(client.post("/v1/chat/completions", json=body))
    (link, *_) = links_in(answer["choices"][0]["message"]["content"])
    kind = "video/mp4" if model == "sora-2" else "image/png"
    assert patient.get(link, timeout=60).headers["content-type"] == kind


def test_the_tasks_dialect_renders(client: httpx.Client, film: Film) -> None:
    inputs = {"prompt": "a boat", "duration": 1, "aspect_ratio": "16:9", "num_frames": SHORT}
    body = {"model": "sora-2", "input": inputs}
    task = good(client.post("/v1/videos/generations", json=body))["data"]["taskId"]

    def look() -> Any:
        found = good(client.get(f"/v1/tasks/{task}"))
        return found if found["status"] in ("completed", "failed") else None

    found = until(look)
    assert found["status"] == "completed", found
    (link,) = found["output"]["urls"]
    info = film(patient.get(link, timeout=60).content)
    assert (info.width, info.height, info.frames) == (*SIZE, SHORT)


def drafted(client: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Create over Sora's own dialect; return the draft that it becomes."""
    task = good(client.post(f"/backend{path}", json=body))["id"]

    def look() -> Any:
        page = good(client.get("/backend/project_y/profile/drafts?limit=15"))
        return next((one for one in page["items"] if one["task_id"] == task), None)

    found: dict[str, Any] = until(look)
    return found


def test_the_sora_dialect_renders(client: httpx.Client, film: Film) -> None:
    draft = drafted(client, "/nf/create", {**CREATE, "n_frames": 30})
    info = film(patient.get(draft["downloadable_url"], timeout=60).content)
    assert (info.width, info.height, info.frames) == (*SIZE, SECOND)


def test_a_storyboard_of_the_sora_dialect_is_a_video_of_all_shots(
    client: httpx.Client, film: Film
) -> None:
    prompt = "\n\n".join(
        f"Shot {number}:\nduration: 0.5sec\nScene: {scene}"
        for number, scene in enumerate(("a boat at dawn", "the sea at night"))
    )
    body = {**STORYBOARD, "prompt": prompt, "n_frames": 30}
    draft = drafted(client, "/nf/create/storyboard", body)
    made = patient.get(draft["downloadable_url"], timeout=60).content
    info = film(made)
    assert (info.frames, info.has_audio) == (SECOND, True)
    assert info.audio_seconds == pytest.approx(SECOND / 24, abs=0.05)
    # Of one seed, so that both shots change alike from their first frames on.
    changes = differences(made)
    assert changes[CUT:][: CUT - 1] == pytest.approx(changes[: CUT - 1], rel=0.15)


def test_pictures_of_the_sora_dialect_are_rendered(client: httpx.Client) -> None:
    task = good(client.post("/backend/video_gen", json=PICTURE))["id"]

    def look() -> Any:
        found = good(client.get("/backend/v2/recent_tasks?limit=20"))["task_responses"]
        one = next(one for one in found if one["id"] == task)
        return one if one["status"] in ("succeeded", "failed") else None

    assert until(look)["status"] == "succeeded"


def test_the_command_renders_here_and_on_a_server(
    server: HinodeProcess, tmp_path: Path, film: Film
) -> None:
    place = ("--data", str(server.data), "--num-frames", str(SHORT))
    there = ("--server", server.address, "--key", server.key)
    for name, words in {"here.mp4": (), "there.mp4": there}.items():
        done = hinode("generate", "a boat", "-o", str(tmp_path / name), *place, *words)
        assert done.returncode == 0, done.stderr
        info = probe(tmp_path / name)
        assert (info.width, info.height, info.frames, info.has_audio) == (*SIZE, SHORT, True)
