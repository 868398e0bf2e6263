"""Hinode before the stand-in of ComfyUI, as real processes that are killed in the middle."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from hinode.media.probe import probe
from tests.support.comfyui import CORE, CORE_SETTINGS
from tests.support.hinode_process import HinodeProcess
from tests.support.persistent import PersistentClient, check_money, until, wait_for_all
from tests.support.upstreams.comfyui_process import ComfyUIProcess

pytestmark = pytest.mark.full

JOBS, FRAMES = 6, 40
PATIENCE_SECONDS = 240.0

SETTINGS = """
engine = "studio"

[engines.studio]
kind = "comfyui"
url = "{url}"
origin = "algorithm"
concurrency = 3
poll_interval_seconds = 0.1

[engines.studio.workflows.core]
file = "core.json"
output = "4"

[engines.studio.workflows.core.bind]
{bind}

[models."sora-2"]
upstream = "core"
sizes = ["160x96"]
seconds = [4]
fps = 10
"""


@pytest.fixture
def comfyui(tmp_path: Path) -> Iterator[ComfyUIProcess]:
    process = ComfyUIProcess(tmp_path / "comfyui", step_seconds=0.2)
    process.start()
    yield process
    process.kill()


@pytest.fixture
def hinode(tmp_path: Path, comfyui: ComfyUIProcess) -> Iterator[HinodeProcess]:
    process = HinodeProcess(tmp_path / "data")
    process.data.mkdir()
    (process.data / "core.json").write_text(json.dumps(CORE))
    bind = "\n".join(f'{name} = "{target}"' for name, target in CORE_SETTINGS["bind"].items())
    (process.data / "hinode.toml").write_text(SETTINGS.format(url=comfyui.url, bind=bind))
    process.start()
    yield process
    process.stop()


def test_kills_on_either_side_lose_nothing_and_render_nothing_twice(
    hinode: HinodeProcess, comfyui: ComfyUIProcess, tmp_path: Path
) -> None:
    client = PersistentClient(hinode.address, hinode.key, PATIENCE_SECONDS, "160x96")
    made = [client.create(number) for number in range(JOBS)]

    rounds: list[list[ComfyUIProcess | HinodeProcess]] = [[comfyui], [hinode], [comfyui, hinode]]
    for rendered, killed in enumerate(rounds, 1):
        until(lambda least=rendered: len(comfyui.files()) >= least, PATIENCE_SECONDS)  # type: ignore[misc]
        for process in killed:
            process.kill()
        for process in killed:
            process.start()

    videos = wait_for_all(client)
    assert {video["id"] for video in videos} == set(made)
    assert {video["status"] for video in videos} == {"completed"}, videos
    for video in videos:
        film = tmp_path / "film.mp4"
        film.write_bytes(client.ask("GET", f"/videos/{video['id']}/content").content)
        assert probe(film).frames == FRAMES
        assert b"fox number" not in film.read_bytes()
    client.close()
    assert len(whole(comfyui)) == JOBS
    check_money(f"sqlite:///{hinode.data / 'hinode.db'}", JOBS)


def whole(comfyui: ComfyUIProcess) -> list[Path]:
    """Return the films that were written to their end before a kill."""
    return [path for path in comfyui.files() if is_whole(path)]


def is_whole(path: Path) -> bool:
    try:
        return probe(path).frames == FRAMES
    except Exception:
        return False


def test_a_cancel_reaches_comfyui_and_costs_nothing(
    hinode: HinodeProcess, comfyui: ComfyUIProcess
) -> None:
    client = PersistentClient(hinode.address, hinode.key, PATIENCE_SECONDS, "160x96")
    body = {"prompt": "[stall] for ever", "seconds": "4", "size": "160x96"}
    video = client.ask("POST", "/videos", json=body).json()["id"]
    until(
        lambda: client.ask("GET", f"/videos/{video}").json()["status"] == "in_progress",
        PATIENCE_SECONDS,
    )

    assert client.ask("DELETE", f"/videos/{video}").status_code == 200
    # The next one is rendered only when the first has stopped.
    client.create(1)
    until(lambda: len(comfyui.files()) == 1, PATIENCE_SECONDS)
    wait_for_all(client)
    client.close()
