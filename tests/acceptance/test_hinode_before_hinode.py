"""One Hinode before another, by the OpenAI dialect, as real processes that come and go."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from hinode.media.probe import probe
from tests.support import patient
from tests.support.hinode_process import HinodeProcess
from tests.support.pictures import png_bytes

PATIENCE_SECONDS = 45.0
SCRIPTED = "tests.support.scripted_server"


@dataclass
class Pair:
    """``front`` has no engine of its own and renders on ``back``."""

    front: HinodeProcess
    back: HinodeProcess

    def ask(self, side: HinodeProcess, method: str, path: str, **kwargs: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {side.key}"}
        return patient.request(
            method, f"{side.address}/v1{path}", headers=headers, timeout=30, **kwargs
        )

    def create(self, prompt: str, **kwargs: Any) -> str:
        fields = {"prompt": prompt, "seconds": "4", "size": "720x1280"}
        answer = self.ask(self.front, "POST", "/videos", data=fields, **kwargs)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    def video(self, video_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask(self.front, "GET", f"/videos/{video_id}").json()
        return found

    def ended(self, video_id: str) -> dict[str, Any]:
        until(lambda: self.video(video_id)["status"] in ("completed", "failed"))
        return self.video(video_id)

    def at_back(self) -> list[dict[str, Any]]:
        """The upstream's videos, newest first."""
        found: list[dict[str, Any]] = self.ask(self.back, "GET", "/videos").json()["data"]
        return found


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        with suppress(httpx.TransportError):
            if true():
                return
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with ExitStack() as running:
        folder = tmp_path_factory.mktemp("back")
        back = HinodeProcess(folder / "data", {"HINODE_ENGINE": "scripted"}, SCRIPTED)
        back.start()
        running.callback(back.stop)
        front = HinodeProcess(
            tmp_path_factory.mktemp("front") / "data", {"BACK_KEY": back.key}, "hinode.cli.main"
        )
        settings(front.data, back)
        front.start()
        running.callback(front.stop)
        yield Pair(front, back)


def settings(folder: Path, back: HinodeProcess) -> None:
    folder.mkdir(parents=True)
    (folder / "hinode.toml").write_text(
        'engine = "back"\n'
        "[engines.back]\n"
        'kind = "openai"\nprofile = "hinode"\nkey_env = "BACK_KEY"\nmodel = "sora-2"\n'
        f'url = "{back.address}/v1"\norigin = "algorithm"\npoll_interval_seconds = 0.2\n'
    )


def test_text_becomes_a_video(pair: Pair, tmp_path: Path) -> None:
    video_id = pair.create("a fox in the snow")
    video = pair.ended(video_id)
    assert video["status"] == "completed", video
    film = tmp_path / "film.mp4"
    film.write_bytes(pair.ask(pair.front, "GET", f"/videos/{video_id}/content").content)
    assert probe(film).frames == 3
    for variant, kind in (("thumbnail", "image/webp"), ("spritesheet", "image/jpeg")):
        answer = pair.ask(pair.front, "GET", f"/videos/{video_id}/content?variant={variant}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    assert pair.at_back()[0]["prompt"] == "a fox in the snow"
    assert pair.at_back()[0]["id"] != video_id


def test_a_picture_is_the_first_frame(pair: Pair) -> None:
    picture = {"input_reference": ("first.png", png_bytes(300, 200), "image/png")}
    assert pair.ended(pair.create("it moves", files=picture))["status"] == "completed"


def test_a_remix_is_one_there_too(pair: Pair) -> None:
    first = pair.create("a boat")
    pair.ended(first)
    parent = pair.at_back()[0]["id"]
    answer = pair.ask(pair.front, "POST", f"/videos/{first}/remix", json={"prompt": "at night"})
    remix = pair.ended(answer.json()["id"])
    assert remix["status"] == "completed", remix
    assert remix["remixed_from_video_id"] == first
    assert pair.at_back()[0]["remixed_from_video_id"] == parent


def test_an_edit_and_an_extension_start_from_the_video_there(pair: Pair) -> None:
    first = pair.create("a long road")
    pair.ended(first)
    for path, more in (("edits", {}), ("extensions", {"seconds": "4"})):
        body = {"prompt": "and further", "video": {"id": first}, **more}
        answer = pair.ask(pair.front, "POST", f"/videos/{path}", json=body)
        assert pair.ended(answer.json()["id"])["status"] == "completed"


def test_a_failure_is_told_and_costs_nothing(pair: Pair) -> None:
    video = pair.ended(pair.create("[fail] please"))
    assert video["status"] == "failed"
    assert video["error"]["code"] == "upstream_failed"
    assert "told to fail" in video["error"]["message"]


def test_a_cancel_reaches_the_upstream(pair: Pair) -> None:
    video_id = pair.create("[stall] for ever")
    until(lambda: pair.video(video_id)["progress"] > 0)
    there = pair.at_back()[0]["id"]
    assert pair.ask(pair.front, "DELETE", f"/videos/{video_id}").status_code == 200
    until(lambda: there not in [one["id"] for one in pair.at_back()])


@pytest.mark.full
@pytest.mark.parametrize("side", ["front", "back"])
def test_a_kill_in_the_middle_loses_and_doubles_nothing(pair: Pair, side: str) -> None:
    before = len(pair.at_back())
    made = [pair.create(f"survivor {number}") for number in range(4)]
    until(lambda: len(pair.at_back()) > before)
    process = pair.front if side == "front" else pair.back
    process.kill()
    process.start()
    assert [pair.ended(one)["status"] for one in made] == ["completed"] * 4
    assert len(pair.at_back()) == before + 4
