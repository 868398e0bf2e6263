"""A real server renders with tiny open-weight models: outputs, changes, chats, pictures."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import httpx
import pytest

from hinode.media.probe import VideoInfo, probe
from tests.support import patient
from tests.support.chat import asking, links_in
from tests.support.hinode_process import HinodeProcess
from tests.support.open_models import TORCH_PYTHON
from tests.support.pictures import png_bytes
from tests.support.responses import good
from tests.support.sora_creation import PICTURE

pytestmark = pytest.mark.full

SECONDS = 300
SIZE = (768, 512)
SHORT, SECOND = 9, 25
"""The class's counts, at 24 frames per second; decoding is what takes the time here."""

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

[models.sora_image]
engine = "local"
upstream = "{models}/zimage"
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


def test_a_picture_and_a_style_come_over_http(client: httpx.Client, film: Film) -> None:
    picture = {"input_reference": ("first.png", png_bytes(*SIZE), "image/png")}
    fields = {"prompt": "a boat", "num_frames": str(SHORT), "style": "anime"}
    made = ended(client, good(client.post("/v1/videos", data=fields, files=picture)))
    assert film(content(client, made)).frames == SHORT


@pytest.mark.parametrize("model", ["sora-2", "sora_image"])
def test_a_chat_shows_what_was_rendered(client: httpx.Client, model: str) -> None:
    body = asking("a boat", model, **({"num_frames": SHORT} if model == "sora-2" else {}))
    answer = good(client.post("/v1/chat/completions", json=body))
    (link, *_) = links_in(answer["choices"][0]["message"]["content"])
    kind = "video/mp4" if model == "sora-2" else "image/png"
    assert patient.get(link, timeout=60).headers["content-type"] == kind


def test_pictures_of_the_sora_dialect_are_rendered(client: httpx.Client) -> None:
    task = good(client.post("/backend/video_gen", json=PICTURE))["id"]

    def look() -> Any:
        found = good(client.get("/backend/v2/recent_tasks?limit=20"))["task_responses"]
        one = next(one for one in found if one["id"] == task)
        return one if one["status"] in ("succeeded", "failed") else None

    assert until(look)["status"] == "succeeded"
