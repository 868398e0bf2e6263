"""The account's event stream: what it tells, resuming it, and its end."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from hinode.api.account_watcher import OVERLAP
from hinode.api.event_streams import resumed_at
from hinode.api.studio.job_objects import StudioJob
from hinode.core.accounts.types import Plan
from hinode.core.auth.types import Audience, SessionTerms
from hinode.testing.server import LiveServer
from tests.support.accounts import client_with
from tests.support.clock import suite_clock
from tests.support.event_streams import following, until
from tests.support.people import new_account


def create(client: httpx.Client) -> str:
    made = client.post("/videos", json={"prompt": "a fox", "model": "sora-2", "seconds": "4"})
    assert made.status_code == 200, made.text
    found: str = made.json()["id"]
    return found


def test_a_job_is_told_of_from_its_create_to_its_end(live: LiveServer) -> None:
    secret = live.new_key("watcher")
    with client_with(live, secret) as client, following(live, secret) as events:
        first = next(events)
        video = create(client)
        told = []
        for event in events:
            told.append(event)
            if event[1] == "job.ended":
                break
        last, _, ended = told[-1]

    assert (first[1], first[2]["unlimited"]) == ("credits", True)
    told_of = [one for _, name, one in told if name.startswith("job.")]
    for job in told_of:
        StudioJob.model_validate(job)
        assert job["video_id"] == video
    progress = [one["progress"] for one in told_of]
    assert progress == sorted(progress)
    assert ended["outputs"][0]["url"]
    with following(live, secret, last) as events:
        assert until(events, "job.ended")[2]["id"] == ended["id"], "what ended is told again"


def test_a_stream_begins_with_unfinished_jobs_and_tells_of_deletes(idle: LiveServer) -> None:
    secret = idle.new_key("watcher")
    with client_with(idle, secret) as client:
        video = create(client)
        with following(idle, secret) as events:
            _, _, job = until(events, "job.updated")
            assert (job["video_id"], job["status"], job["queue_position"]) == (video, "queued", 0)
            client.post("/jobs/delete", json={"ids": [video]})
            assert until(events, "job.deleted")[2] == {"id": job["id"]}
            again = create(client)
            assert until(events, "job.created")[2]["video_id"] == again
            client.post(f"/videos/{again}/cancel")
            assert until(events, "job.ended")[2]["status"] == "canceled"
    with client_with(idle, idle.new_key("other")) as stranger, following(idle, secret) as events:
        create(stranger)
        assert next(events)[1] == "credits"


def test_a_stream_ends_with_its_session(idle: LiveServer) -> None:
    sessions, name = idle.services.core.sessions, new_account(idle.services, Plan.FREE)
    with idle.services.db.write() as conn:
        opened = sessions.open_for(conn, name, SessionTerms(Audience.APP))
    with following(idle, sessions.let_in(opened).access.secret) as events:
        assert next(events)[1] == "credits"
        sessions.end_all(name)
        assert list(events) == []


@pytest.mark.parametrize("last", ["x", "9" * 14, "9" * 15, "-1", "0"])
def test_an_id_that_is_of_no_use_begins_anew(idle: LiveServer, last: str) -> None:
    with following(idle, idle.new_key("watcher"), last) as events:
        assert [next(events)[1] for _ in range(2)] == ["reset", "credits"]


def test_a_stream_is_resumed_a_little_before_its_last_event() -> None:
    now = suite_clock().now().replace(microsecond=0)
    last = now - timedelta(minutes=5)

    assert resumed_at(None, now) == (now, False)
    assert resumed_at(str(int(last.timestamp() * 1000)), now) == (last - OVERLAP, False)
    old = now - timedelta(hours=2)
    assert resumed_at(str(int(old.timestamp() * 1000)), now) == (now, True)
