"""A job that its upstream never ends: it fails at its deadline, is refunded, and stopped there."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from hinode import load_settings, open_services
from hinode.testing.server import live_server
from tests.support import patient
from tests.support.live import wait_until_ended
from tests.support.upstreams import faulty
from tests.support.upstreams.faulty import Change, FaultyServer
from tests.support.upstreams.videos import KEY, video_server

RUN_SECONDS = 1.0


@pytest.mark.parametrize(
    "looks", [None, faulty.BROKEN, faulty.BUSY], ids=["stalls", "breaks", "is busy"]
)
def test_a_job_that_never_ends_there_fails_at_its_deadline(
    looks: Change | None, tmp_path: Path
) -> None:
    upstream = FaultyServer(always={"look": looks} if looks else {})
    with video_server(upstream) as wire:
        settings = load_settings(
            data=tmp_path,
            shutdown_seconds=0,
            run_timeout_seconds=RUN_SECONDS,
            engines={
                "gpu": {
                    "kind": "openai",
                    "origin": "trained",
                    "url": wire.url,
                    "key": KEY,
                    "poll_interval_seconds": 0.1,
                }
            },
            models={"sora-2": {"engine": "gpu"}},
        )
        services = open_services(settings)
        with live_server(services) as server:
            auth = {"authorization": f"Bearer {server.new_key('owner')}"}
            with patient.Client(base_url=f"{server.url}/v1", headers=auth) as client:
                begun = time.monotonic()
                made = client.post("/videos", json={"model": "sora-2", "prompt": "[stall]"})
                ended = wait_until_ended(client, made.json()["id"])
                took = time.monotonic() - begun
                books = client.get("/credits").json()
        services.close()
    assert ended["status"] == "failed"
    assert ended["error"]["code"] == "deadline_exceeded"
    assert RUN_SECONDS <= took < RUN_SECONDS + 5
    assert (books["held"], books["spent"]) == (0, 0)
    assert [job.stopped for job in upstream.jobs.values()] == [True]
    assert (wire.count("POST"), wire.count("DELETE")) == (1, 1)
