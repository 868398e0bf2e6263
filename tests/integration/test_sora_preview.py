"""A storyboard over the Sora dialect, rendered by the engine that everybody has."""

from __future__ import annotations

import io
import time
from pathlib import Path

import av

from hinode import load_settings, open_services
from hinode.testing.server import live_server
from tests.support import patient
from tests.support.sora_creation import STORYBOARD, made, member


def test_a_storyboard_becomes_a_film_of_the_asked_size_and_length(tmp_path: Path) -> None:
    scenes = ("a cat on a hill at dawn", "the sea at night")
    blocks = [
        f"Shot {number}:\nduration: 2.5sec\nScene: {scene}" for number, scene in enumerate(scenes)
    ]
    services = open_services(load_settings(data=tmp_path))
    try:
        with live_server(services) as server, member(server) as client:
            body = {**STORYBOARD, "prompt": "\n\n".join(blocks), "n_frames": 150}
            task_id = made(client.post("/nf/create/storyboard", json=body))
            deadline = time.monotonic() + 60
            while any(task["id"] == task_id for task in client.get("/nf/pending/v2").json()):
                assert time.monotonic() < deadline, "the film was never finished"
                time.sleep(0.1)
            (draft,) = client.get("/project_y/profile/drafts?limit=15").json()["items"]
            film = patient.get(draft["downloadable_url"], timeout=20.0)
    finally:
        services.close()

    assert (draft["task_id"], draft["kind"], film.status_code) == (task_id, "sora_draft", 200)
    with av.open(io.BytesIO(film.content)) as container:
        (video,) = container.streams.video
        assert (video.width, video.height, video.frames) == (640, 352, 150)
