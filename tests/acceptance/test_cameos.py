"""A server that is killed while it looks into a clip still makes the cameo, once."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from tests.support import patient
from tests.support.characters import film_with_a_sharp_moment
from tests.support.hinode_process import HinodeProcess

SECONDS = 40.0


def row_of(server: HinodeProcess, cameo: str) -> tuple[str, int]:
    """Return the state of a cameo in the database and how often it was begun."""
    database = sqlite3.connect(f"file:{server.data / 'hinode.db'}?mode=ro", uri=True, timeout=10)
    try:
        query = "SELECT state, attempts FROM cameos WHERE id = ?"
        state, attempts = database.execute(query, (cameo.removeprefix("cameo_"),)).fetchone()
        return str(state), int(attempts)
    finally:
        database.close()


@pytest.mark.proves("POST /backend/characters/upload", 200)
def test_a_cameo_is_made_through_a_kill(server: HinodeProcess, tmp_path: Path) -> None:
    clip = film_with_a_sharp_moment(tmp_path, seconds=15.0, sharp=14.0)
    headers = {"authorization": f"Bearer {server.key}"}
    files = {"file": ("video.mp4", clip, "video/mp4")}
    with patient.Client(
        base_url=f"{server.address}/backend", headers=headers, timeout=20
    ) as client:
        taken_in = client.post("/characters/upload", files=files, data={"timestamps": "0,15"})
        cameo = taken_in.json()["id"]
        started = time.monotonic()
        while row_of(server, cameo)[1] == 0:
            assert time.monotonic() - started < SECONDS, "nobody began with it"
        server.kill()
        # A child process has to be started for the clip: longer than it takes to notice and kill.
        assert row_of(server, cameo) == ("processing", 1)

        server.start()
        path = f"/project_y/cameos/in_progress/{cameo}"
        while (found := client.get(path).json())["status"] == "processing":
            assert time.monotonic() - started < SECONDS, "nobody took it up again"
            time.sleep(0.05)
        assert (found["status"], found["status_message"]) == ("finalized", "Completed")
        assert row_of(server, cameo) == ("ready", 2)
        assert patient.get(found["profile_asset_url"]).status_code == 200
        again = {"cameo_id": cameo, "username": "sunny.robin", "display_name": "Robin"}
        made = [client.post("/characters/finalize", json=again).json() for _ in range(2)]
        first, second = (one["character"] for one in made)
        assert first["character_id"] == second["character_id"]
        assert first["created_at"] == second["created_at"]
