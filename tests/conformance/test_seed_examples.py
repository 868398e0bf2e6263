"""Every curl example of the gateway's document works as it stands there, with host and key."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from PIL import Image

from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.curl import commands, read_curl
from tests.support.live import wait_until_ended

pytestmark = pytest.mark.from_captured_traffic

DOCUMENT = (Path(__file__).parent / "seed" / "openai-gateway.md").read_text()
EXAMPLES = commands(DOCUMENT)


@dataclass(frozen=True)
class Place:
    """What is filled into the examples, and a client to send them with."""

    client: httpx.Client
    blanks: dict[str, str]

    def run(self, title: str) -> httpx.Response:
        command = EXAMPLES[title]
        for blank, value in self.blanks.items():
            command = command.replace(blank, value)
        return read_curl(command).send(self.client)


@pytest.fixture(scope="module")
def place(live: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    picture = tmp_path_factory.mktemp("seed") / "example.jpg"
    Image.new("RGB", (96, 64), "orange").save(picture)
    key = live.new_key("gateway")
    with patient.Client(timeout=30.0) as client:
        base = patient.Client(base_url=f"{live.url}/v1", headers={"authorization": key})
        video = base.post("/videos", json={"prompt": "画小猫", "model": "sora_video2"}).json()
        assert wait_until_ended(base, video["id"])["status"] == "completed"
        base.close()
        encoded = base64.b64encode(picture.read_bytes()).decode()
        yield Place(
            client,
            {
                "<你的IP>:<你的端口>": live.url.removeprefix("http://"),
                "<你的许可证>": key,
                "{video_id}": video["id"],
                "/path/to/example.jpg": str(picture),
                "url或者base64": f"data:image/jpeg;base64,{encoded}",
            },
        )


def test_the_document_has_all_its_examples() -> None:
    assert len(EXAMPLES) == DOCUMENT.count("```bash") == 8
    assert all("http://<你的IP>:<你的端口>/sora/v1/" in one for one in EXAMPLES.values())


@pytest.mark.parametrize("title", [title for title in EXAMPLES if "对话" in title])
def test_chat_streams_a_picture(place: Place, title: str) -> None:
    answer = place.run(title)

    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [line[6:] for line in answer.text.splitlines() if line.startswith("data: ")]
    assert events[-1] == "[DONE]"
    chunks = [json.loads(event) for event in events[:-1]]
    assert not [chunk for chunk in chunks if "error" in chunk]
    said = "".join(
        choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"]
    )
    assert "![" in said


@pytest.mark.parametrize("title", [title for title in EXAMPLES if "图接口" in title])
def test_pictures_are_made_and_edited(place: Place, title: str) -> None:
    answer = place.run(title)

    assert answer.status_code == 200, answer.text
    (picture,) = answer.json()["data"]
    assert picture.get("url") or picture.get("b64_json")


@pytest.mark.parametrize(
    "title", [title for title in EXAMPLES if title[0] in "456" and "视频" in title]
)
def test_video_jobs_are_made_found_and_remixed(place: Place, title: str) -> None:
    answer = place.run(title)

    assert answer.status_code == 200, answer.text
    video = answer.json()
    assert video["object"] == "video"
    assert (video["model"], video["seconds"]) == ("sora_video2", "10")
    width, height = map(int, video["size"].split("x"))
    assert height > width
    if "/remix" in EXAMPLES[title]:
        assert video["remixed_from_video_id"] == place.blanks["{video_id}"]


@pytest.mark.parametrize("title", [title for title in EXAMPLES if title.startswith("7.")])
def test_the_content_is_a_video(place: Place, title: str) -> None:
    answer = place.run(title)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "video/mp4")
    assert answer.content[4:8] == b"ftyp"
