"""What a newcomer and an operator do with the real server and the real command."""

from __future__ import annotations

import json
import re
import stat
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from hinode.media.probe import probe
from tests.support import patient
from tests.support.hinode_process import HinodeProcess, hinode, is_alive
from tests.support.pictures import png_bytes

SOON_SECONDS = 5.0
"""A second, with room for machines that have much else to do; the render takes a minute."""


def create(client: httpx.Client, **fields: str) -> dict[str, Any]:
    answer = client.post("/videos", data={"prompt": "a lighthouse in a storm", **fields})
    assert answer.status_code == 200, answer.text
    video: dict[str, Any] = answer.json()
    return video


def follow(client: httpx.Client, video_id: str) -> list[dict[str, Any]]:
    """Every state that the event stream tells."""
    states = []
    with client.stream("GET", f"/videos/{video_id}/events") as answer:
        for line in answer.iter_lines():
            if line.startswith("data: {"):
                states.append(json.loads(line.removeprefix("data: ")))
    return states


def wait_for_render(server: HinodeProcess) -> int:
    deadline = time.monotonic() + 45
    while not server.children():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return server.children()[0]


def test_the_first_start_makes_a_private_folder_and_one_key(tmp_path: Path) -> None:
    server = HinodeProcess(tmp_path / "data", fresh=True)
    server.start()
    assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
    key = server.key
    assert f'api_key="{key}"' in server.log.read_text()

    server.stop()
    server.start()

    assert server.log.read_text().count("Your API key") == 1
    assert f"Hinode serves at {server.address}" in server.log.read_text()
    server.stop()


def test_a_job_goes_from_prompt_to_file_with_real_progress(
    client: httpx.Client, tmp_path: Path
) -> None:
    video = create(client, seconds="4", size="1280x720")

    states = follow(client, video["id"])

    assert states[-1]["status"] == "completed"
    progress = [state["progress"] for state in states]
    assert progress == sorted(progress)
    assert len({one for one in progress if 0 < one < 100}) >= 2
    path = tmp_path / "lighthouse.mp4"
    path.write_bytes(client.get(f"/videos/{video['id']}/content").content)
    found = probe(path)
    assert (found.width, found.height, found.frames, found.has_audio) == (1280, 720, 120, True)


def test_cancel_stops_the_render_process_soon(server: HinodeProcess, client: httpx.Client) -> None:
    video = create(client, model="sora-2-pro", seconds="20", size="1920x1080")
    render = wait_for_render(server)

    canceled = client.post(f"/videos/{video['id']}/cancel").json()
    started = time.monotonic()
    while is_alive(render):
        assert time.monotonic() - started < SOON_SECONDS
        time.sleep(0.01)

    assert (canceled["status"], canceled["error"]["code"]) == ("failed", "canceled")


def test_a_stopped_server_goes_on_with_its_job_after_the_next_start(tmp_path: Path) -> None:
    server = HinodeProcess(tmp_path / "data", {"HINODE_SHUTDOWN_SECONDS": "0"})
    server.start()
    headers = {"Authorization": f"Bearer {server.key}"}
    with patient.Client(base_url=f"{server.address}/v1", headers=headers, timeout=30) as client:
        video = create(client, model="sora-2-pro", seconds="4", size="1792x1024")
        render = wait_for_render(server)

        assert server.stop() == 0
        assert not is_alive(render)
        server.start()

        assert follow(client, video["id"])[-1]["status"] == "completed"
    server.stop()


def test_keys_work_and_stop_working_at_once(server: HinodeProcess) -> None:
    place = ("--data", str(server.data))
    made = hinode("key", "create", "robot", *place)
    key = made.stdout.strip()
    assert made.stdout == f"{key}\n"
    models = f"{server.address}/v1/models"

    assert patient.get(models, headers={"Authorization": key}).status_code == 200
    assert key not in hinode("key", "list", *place).stdout
    assert hinode("key", "revoke", key, *place).returncode == 0
    refused = patient.get(models, headers={"Authorization": key})

    assert refused.status_code == 401
    assert refused.json()["error"]["code"] == "invalid_api_key"


def test_generate_renders_by_itself_and_on_a_server(server: HinodeProcess, tmp_path: Path) -> None:
    picture = tmp_path / "first.png"
    picture.write_bytes(png_bytes(640, 360))
    here, there = tmp_path / "here.mp4", tmp_path / "there.mp4"
    arguments = (
        "a paper boat",
        "--seed",
        "7",
        "--num-frames",
        "30",
        "--size",
        "1280x720",
        "--image",
        str(picture),
    )

    none = str(tmp_path / "none")
    alone = hinode("generate", *arguments, "-o", str(here), "--data", none, fresh=True)
    place = ("--server", server.address, "--key", server.key, "--priority", "low")
    served = hinode("generate", *arguments, "-o", str(there), *place)

    assert alone.returncode == 0, alone.stderr
    assert served.returncode == 0, served.stderr
    assert served.stdout.strip() == str(there)
    (video_id,) = re.findall(r"video_\w+", served.stderr)
    headers = {"authorization": f"Bearer {server.key}"}
    video = patient.get(f"{server.address}/v1/videos/{video_id}", headers=headers).json()
    assert video["priority"] == "low"
    assert probe(here) == probe(there)


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (("generate", "x", "--size", "1x1"), "720x1280"),
        (("generate", " "), "The prompt is empty"),
        (("generate", "x", "-o", "/nowhere/x.mp4"), "no folder /nowhere"),
        (("generate", "x", "-o", "/tmp"), "name a file in it, such as /tmp/video.mp4"),
        (("generate", "x", "-o", "/tmp/fox.jpg"), "name it /tmp/fox.mp4"),
        (("generate", "x", "-o", "/proc/fox.mp4"), "choose another folder"),
        (("generate", "x", "--server", "http://127.0.0.1:1"), "needs a key"),
        (("generate", "x", "--server", "http://127.0.0.1:1", "--key", "k"), "Is `hinode serve`"),
        (("key", "list", "--database", "mongo://x"), "postgresql://"),
        (("key", "list", "--database", "postgresql://127.0.0.1:1/x"), "hinode doctor"),
        (("serve", "--host", "192.0.2.1"), "--port"),
    ],
)
def test_mistakes_are_told_in_one_line_with_a_remedy(
    words: tuple[str, ...], advice: str, tmp_path: Path
) -> None:
    ended = hinode(*words, "--data", str(tmp_path / "data"))

    assert ended.returncode != 0
    assert advice in ended.stderr
    assert "Traceback" not in ended.stderr


def test_generate_replaces_a_file_only_when_told_to(tmp_path: Path) -> None:
    kept = tmp_path / "kept.mp4"
    kept.write_text("kept")
    arguments = ("generate", "a fox", "--data", str(tmp_path / "data"), "-o", str(kept))

    refused = hinode(*arguments)
    assert refused.returncode == 1
    assert "--force" in refused.stderr
    assert kept.read_text() == "kept"
    more = ("--size", "1280x720", "--num-frames", "10", "--force", "--json")
    rendered = hinode(*arguments, *more)
    assert json.loads(rendered.stdout) == {"id": None, "files": [str(kept)]}
    assert probe(kept).frames == 10


def test_settings_that_are_none_are_told_with_the_nearest_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = ("--data", str(tmp_path))
    monkeypatch.setenv("HINODE_PROT", "9")
    listed = hinode("key", "list", *data)
    assert listed.returncode == 0
    assert (
        "Warning: HINODE_PROT is no setting and has no effect; did you mean port?" in listed.stderr
    )

    (tmp_path / "hinode.toml").write_text("trusted_proxy = []")
    misspelled = hinode("key", "list", *data)
    assert "trusted_proxy: there is no such setting; did you mean trusted_proxies?" in (
        misspelled.stderr
    )

    monkeypatch.setenv("HINODE_CONFIG", str(tmp_path / "none.toml"))
    missing = hinode("key", "list", *data)
    assert missing.returncode == 1
    assert missing.stderr.startswith("Error: HINODE_CONFIG names no file; correct it, or unset it")


def test_the_doctor_finds_nothing_wrong_and_says_what_it_saw(tmp_path: Path) -> None:
    healthy = hinode("doctor", "--data", str(tmp_path / "data"), fresh=True)
    broken = hinode("doctor", "--database", "postgresql://127.0.0.1:1/x", "--data", str(tmp_path))

    assert healthy.returncode == 0, healthy.stdout
    for part in ("Python", "SQLite", "database", "object store", "encoders", "fonts", "engines"):
        assert part in healthy.stdout
    assert broken.returncode == 1
    assert "→ Check --database" in broken.stdout
