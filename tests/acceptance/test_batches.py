"""A server that is killed in the middle of a batch makes every request of it once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.test_worker import until
from tests.support import patient
from tests.support.batches import jsonl, line, results, start, wait_until_over
from tests.support.hinode_process import HinodeProcess

LINES = 8


@pytest.mark.full
def test_every_line_is_made_once_through_kills(tmp_path: Path) -> None:
    server = HinodeProcess(tmp_path / "data")
    server.start()
    headers = {"authorization": f"Bearer {server.key}"}
    with patient.Client(base_url=f"{server.address}/v1", headers=headers, timeout=30.0) as client:

        def done() -> int:
            completed: int = client.get(f"/batches/{batch_id}").json()["request_counts"][
                "completed"
            ]
            return completed

        content = jsonl(*(line(f"line {number}", seed=number) for number in range(LINES)))
        batch_id = start(client, content)["id"]
        for least in (0, 1, 4):
            until(lambda least=least: done() >= least, 120.0)  # type: ignore[misc]
            server.kill()
            server.start()
        batch = wait_until_over(client, batch_id, 240.0)

        assert batch["request_counts"] == {"total": LINES, "completed": LINES, "failed": 0}
        output = results(client, batch["output_file_id"])
        assert list(output) == [f"line {number}" for number in range(LINES)]
        videos = client.get("/videos", params={"limit": 100}).json()["data"]
        assert {one["response"]["body"]["id"] for one in output.values()} == {
            one["id"] for one in videos
        }
        assert sorted(one["seed"] for one in videos) == list(range(LINES))
        credits = client.get("/credits").json()
        assert (credits["held"], credits["spent"]) == (0, 100 * LINES), json.dumps(credits)
        files = client.get("/files", params={"purpose": "batch_output"}).json()["data"]
        assert [one["id"] for one in files] == [batch["output_file_id"]]
    server.stop()
