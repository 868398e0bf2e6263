"""Both flow charts at the end of the Sora document, step by step, with the engine of every day."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
import pytest
from PIL import Image

from hinode import load_settings, open_services
from hinode.engines.registry import installed_engines
from hinode.testing.server import LiveServer, live_server
from tests.support import patient
from tests.support.films import write_film
from tests.support.responses import good

pytestmark = [pytest.mark.full, pytest.mark.from_captured_traffic]

SENTINEL = {"openai-sentinel-token": "Ab3dEf9hIj2k"}
PATIENCE_SECONDS = 120.0
FRAMES = 300
Picture = np.ndarray[Any, np.dtype[Any]]


@pytest.fixture(scope="module")
def sora(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A member's client on a server with the built-in engine."""
    folder = tmp_path_factory.mktemp("flows")
    services = open_services(
        load_settings(data=folder, shutdown_seconds=0), engines=installed_engines()
    )
    try:
        with live_server(services) as server, member(server) as client:
            yield client
    finally:
        services.close()


def member(server: LiveServer) -> httpx.Client:
    headers = {"authorization": f"Bearer {server.new_key('member')}"}
    return patient.Client(base_url=f"{server.url}/backend", headers=headers, timeout=30)


def poll(step: Callable[[], Any]) -> Any:
    """Ask until there is something."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if found := step():
            return found
        time.sleep(0.1)
    raise AssertionError("it took too long")


def created(sora: httpx.Client, **fields: Any) -> str:
    body = {
        "kind": "video",
        "orientation": "landscape",
        "size": "small",
        "n_frames": FRAMES,
        "model": "sy_8",
        "inpaint_items": [],
        "style_id": None,
        **fields,
    }
    answer = good(sora.post("/nf/create", json=body, headers=SENTINEL))
    task: str = answer["id"]
    assert re.fullmatch(r"task_[0-9a-z]{26}", task)
    return task


def watched(sora: httpx.Client, task: str) -> tuple[dict[str, Any], list[float | None]]:
    """Poll as the chart says; return the draft, and the progress seen on the way."""
    seen: list[float | None] = []

    def left() -> bool:
        pending = sora.get("/nf/pending/v2").json()
        mine = [one for one in pending if one["id"] == task]
        seen.extend(one["progress_pct"] for one in mine)
        return not mine

    poll(left)
    drafts = good(sora.get("/project_y/profile/drafts", params={"limit": 15}))["items"]
    (draft,) = [one for one in drafts if one["task_id"] == task]
    return draft, seen


def fetched(url: str) -> bytes:
    """A plain GET, without a key, as clients download."""
    answer = patient.get(url, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.content


def first_frame(film: bytes, frames: int) -> Picture:
    """Decode everything, as a player does; return the first picture."""
    with av.open(io.BytesIO(film), "r") as container:
        decoded = list(container.decode(video=0))
    assert len(decoded) == frames
    first: Picture = decoded[0].to_ndarray(format="rgb24")
    return first


def picture(colour: tuple[int, int, int], suffix: str = "png") -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (640, 352), colour).save(data, suffix)
    return data.getvalue()


def test_a_picture_becomes_a_published_video(sora: httpx.Client) -> None:
    # 1. POST /uploads
    parts: dict[str, Any] = {
        "file": ("image.png", picture((220, 30, 30)), "image/png"),
        "file_name": (None, "image.png"),
    }
    media = good(sora.post("/uploads", files=parts))["id"]
    assert re.fullmatch(r"media_[0-9a-z]{26}", media)

    # 2. POST /nf/create
    start = [{"kind": "upload", "upload_id": media}]
    task = created(sora, prompt="the red wall begins to breathe", inpaint_items=start)

    # 3. GET /nf/pending/v2
    draft, seen = watched(sora, task)
    assert seen, "the task was never pending"
    assert [one for one in seen if one is not None] == sorted(
        one for one in seen if one is not None
    )

    # 4. the video's URL
    assert draft["kind"] == "sora_draft"
    assert draft["id"] == draft["generation_id"]
    red, green, blue = first_frame(fetched(draft["downloadable_url"]), FRAMES).mean((0, 1))
    assert red > green + 50 < blue + 100, "the video does not start on the picture"
    fetched(draft["encodings"]["thumbnail"]["path"])

    # 5. POST /project_y/post
    attachment = {"generation_id": draft["id"], "kind": "sora"}
    body = {"attachments_to_create": [attachment], "post_text": ""}
    post = good(sora.post("/project_y/post", json=body, headers=SENTINEL))["post"]
    assert re.fullmatch(r"s_[0-9a-f]{32}", post["id"])

    # The share page and what it plays are there for everyone.
    page = fetched(post["permalink"]).decode()
    (played,) = set(re.findall(r'property="og:video" content="([^"]+)"', page))
    assert post["permalink"].endswith(f"/p/{post['id']}")
    shared = patient.get(played.replace("&amp;", "&"), follow_redirects=True)
    first_frame(shared.content, FRAMES)
    seen_by_others = good(sora.get(f"/project_y/post/{post['id']}"))["post"]
    source = seen_by_others["attachments"][0]["encodings"]["source"]["path"]
    first_frame(fetched(source), FRAMES)

    # Taken back, it is gone for everyone.
    assert sora.delete(f"/project_y/post/{post['id']}").status_code == 200
    assert patient.get(post["permalink"]).status_code == 404


def test_a_published_video_is_remixed(sora: httpx.Client) -> None:
    draft, _ = watched(sora, created(sora, prompt="a lighthouse at noon"))
    attachment = {"generation_id": draft["id"], "kind": "sora"}
    body = {"attachments_to_create": [attachment], "post_text": ""}
    post = good(sora.post("/project_y/post", json=body, headers=SENTINEL))["post"]["id"]

    remix = {
        "kind": "video",
        "prompt": "now at night",
        "inpaint_items": [],
        "remix_target_id": post,
        "cameo_ids": [],
        "cameo_replacements": {},
        "model": "sy_8",
        "orientation": "landscape",
        "n_frames": FRAMES,
        "style_id": None,
    }
    task = good(sora.post("/nf/create", json=remix, headers=SENTINEL))["id"]

    changed, _ = watched(sora, task)
    before = first_frame(fetched(draft["url"]), FRAMES).astype(int)
    after = first_frame(fetched(changed["url"]), FRAMES).astype(int)
    assert before.mean() > after.mean() + 10, "the night is no darker than the noon"


def test_a_clip_becomes_a_character_that_appears(sora: httpx.Client, tmp_path: Path) -> None:
    # 1. POST /characters/upload
    film = write_film(tmp_path / "film.mp4", 320, 240, seconds=3.5).read_bytes()
    parts: dict[str, Any] = {"file": ("video.mp4", film, "video/mp4"), "timestamps": (None, "0,3")}
    cameo = good(sora.post("/characters/upload", files=parts))["id"]

    # 2. GET /project_y/cameos/in_progress/{cameo_id}
    def completed() -> dict[str, Any] | None:
        found = good(sora.get(f"/project_y/cameos/in_progress/{cameo}"))
        assert found["status"] != "failed", found
        return found if found["status_message"] == "Completed" else None

    ready = poll(completed)
    assert isinstance(ready["username_hint"], str)
    assert isinstance(ready["display_name_hint"], str)

    # 3. GET {profile_asset_url}
    portrait = fetched(ready["profile_asset_url"])
    with Image.open(io.BytesIO(portrait)) as opened:
        assert (opened.format, opened.width) == ("WEBP", opened.height)

    # 4. POST /project_y/file/upload
    parts = {"file": ("profile.webp", portrait, "image/webp"), "use_case": (None, "profile")}
    pointer = good(sora.post("/project_y/file/upload", files=parts))["asset_pointer"]

    # 5. POST /characters/finalize
    username = f"{ready['username_hint'].split('.')[-1]}123"
    body = {
        "cameo_id": cameo,
        "username": username,
        "display_name": ready["display_name_hint"],
        "profile_asset_pointer": pointer,
        "instruction_set": None,
        "safety_instruction_set": None,
    }
    character = good(sora.post("/characters/finalize", json=body))["character"]["character_id"]

    # 6. POST /project_y/cameos/by_id/{cameo_id}/update_v2
    shown = {"visibility": "public"}
    good(sora.post(f"/project_y/cameos/by_id/{cameo}/update_v2", json=shown))

    # The same words with and without the character are two different videos.
    def first_of(prompt: str) -> Picture:
        draft, _ = watched(sora, created(sora, prompt=prompt))
        return first_frame(fetched(draft["url"]), FRAMES).astype(int)

    alone, together = first_of("a quiet beach"), first_of(f"a quiet beach @{username}")
    assert alone.shape == together.shape
    difference = np.abs(alone - together).max(axis=2)
    assert (difference > 40).mean() > 0.005, "nobody appears"

    assert sora.delete(f"/project_y/characters/{character}").status_code == 200
