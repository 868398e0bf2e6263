"""The unmodified official Node SDK against a real server, where Node and the package are."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from hinode.testing.server import LiveServer
from tests.support.live import DBOS
from tests.support.pictures import png_bytes

FOLDER = Path(__file__).parent / "node"
PACKAGE = FOLDER / "node_modules" / "openai"

pytestmark = [
    DBOS,
    pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed"),
    pytest.mark.skipif(not PACKAGE.exists(), reason="the npm package openai is not installed"),
]


@pytest.fixture(scope="module")
def seen(live: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the script saw."""
    picture = tmp_path_factory.mktemp("node") / "first.png"
    picture.write_bytes(png_bytes(64, 36))
    command = ["node", "videos.mjs", f"{live.url}/v1", live.new_key("node"), str(picture)]
    done = subprocess.run(
        command, cwd=FOLDER, capture_output=True, text=True, timeout=60, check=False
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
