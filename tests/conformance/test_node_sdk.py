"""The unmodified official Node SDK against a real server, where Node and the package are."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from hinode.testing.server import LiveServer
from tests.support.clock import true_clock
from tests.support.films import write_film
from tests.support.live import DBOS
from tests.support.pictures import png_bytes

FOLDER = Path(__file__).parent / "node"
PACKAGE = FOLDER / "node_modules" / "openai"

pytestmark = [
    DBOS,
    pytest.mark.full,
    pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed"),
    pytest.mark.skipif(not PACKAGE.exists(), reason="the npm package openai is not installed"),
]


@pytest.fixture(scope="module")
def seen(live: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the script saw."""
    picture = tmp_path_factory.mktemp("node") / "first.png"
    picture.write_bytes(png_bytes(64, 36))
    return run("videos.mjs", f"{live.url}/v1", live.new_key("node"), str(picture))


@pytest.fixture(scope="module")
def gateway(live: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the script that calls everything else saw, under the gateway's base URL."""
    folder = tmp_path_factory.mktemp("node")
    picture = folder / "first.png"
    picture.write_bytes(png_bytes(64, 64))
    film = write_film(folder / "film.mp4")
    key = live.new_key("gateway")
    return run("gateway.mjs", f"{live.url}/sora/v1", key, str(picture), str(film))


def run(script: str, *words: str) -> Any:
    with true_clock():
        done = subprocess.run(
            ["node", script, *words],
            cwd=FOLDER,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.proven_by_official_client
def test_a_video_is_made_downloaded_and_deleted(seen: Any) -> None:
    assert (seen["created"]["status"], seen["created"]["seconds"]) == ("queued", "8")
    assert (seen["done"]["status"], seen["done"]["progress"]) == ("completed", 100)
    assert all(size > 100 for size in seen["sizes"])
    assert seen["deleted"] == {
        "object": "video.deleted",
        "deleted": True,
        "id": seen["done"]["id"],
    }


@pytest.mark.proven_by_official_client
def test_references_as_streams_files_and_objects_are_understood(seen: Any) -> None:
    assert seen["references"] == ["completed"] * 3


@pytest.mark.proven_by_official_client
def test_lists_page_and_models_are_listed(seen: Any) -> None:
    assert seen["listed"] == 5
    assert {"sora-2", "sora-2-pro"} <= set(seen["models"])


@pytest.mark.proven_by_official_client
def test_failures_have_the_sdks_own_classes(seen: Any) -> None:
    assert seen["failed"]["code"] == "scripted"
    assert seen["badSize"] == {
        "name": "BadRequestError",
        "status": 400,
        "code": "unsupported_value",
        "param": "size",
    }
    assert seen["unknown"]["name"] == "NotFoundError"
    assert (seen["wrongKey"]["name"], seen["wrongKey"]["code"]) == (
        "AuthenticationError",
        "invalid_api_key",
    )


@pytest.mark.proven_by_official_client
def test_videos_come_from_videos_and_characters_appear(gateway: Any) -> None:
    videos = gateway["videos"]
    states = {videos[name]["status"] for name in ("parent", "remix", "edit", "longer")}
    assert states == {"completed"}
    assert videos["remix"]["remixed_from_video_id"] == videos["parent"]["id"]
    assert videos["longer"]["seconds"] == "12"
    assert videos["character"]["name"] == "Mia"
    assert videos["same"] == videos["character"]


@pytest.mark.proven_by_official_client
def test_pictures_are_made_edited_varied_and_streamed(gateway: Any) -> None:
    images = gateway["images"]
    assert len(images["links"]) == 2
    assert all(link.startswith("http://") for link in images["links"])
    assert images["edited"] > 100
    assert images["varied"] == 1
    partial = "image_generation.partial_image"
    assert images["events"] == [partial, partial, "image_generation.completed"]


@pytest.mark.proven_by_official_client
def test_a_chat_answers_whole_and_as_a_stream(gateway: Any) -> None:
    chat = gateway["chat"]
    assert chat["whole"].startswith("![image](http://")
    assert "<video src='http://" in chat["content"]
    assert chat["thoughts"]
    assert chat["finish"] == ["stop"]
    assert chat["usage"]["total_tokens"] > 0


@pytest.mark.proven_by_official_client
def test_files_are_kept_used_and_deleted(gateway: Any) -> None:
    files = gateway["files"]
    assert files["same"] == files["made"]
    assert files["bytes"] == files["made"]["bytes"]
    assert files["listed"] == [files["made"]["id"]]
    assert files["used"] == "completed"
    assert files["deleted"]["deleted"] is True


@pytest.mark.proven_by_official_client
def test_webhook_endpoints_are_managed(gateway: Any) -> None:
    hooks = gateway["webhooks"]
    assert hooks["same"] == "https://example.com/hook"
    assert hooks["renamed"] == "yours"
    assert hooks["rotated"].startswith("whsec_")
    assert hooks["rotated"] != hooks["made"]["signing_secret"]
    assert hooks["listed"] == [hooks["made"]["id"]]
    assert hooks["deleted"]["deleted"] is True
    assert gateway["model"]["id"] == "sora_video2-hd-portrait-15s"
