"""The operators' event stream: jobs of all accounts, engines, workers and deliveries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hinode.api.admin.engines import AdminEngine
from hinode.api.admin.jobs import AdminJob
from hinode.api.admin.server import AdminWorker
from hinode.api.delivery_objects import WebhookDelivery
from hinode.core.accounts.types import Role
from hinode.core.auth.types import Audience, Scope, SessionTerms
from hinode.core.jobs.account_admin import AccountCreate, AccountUpdate
from hinode.testing.server import LiveServer
from tests.support.accounts import client_with
from tests.support.event_streams import Event, following, until
from tests.support.live import open_live

PLACE = "/v1/admin/events"
DRAIN = {"admin_state": "draining"}
PROMPT = "a heron that nobody else may know of"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("place")
    with open_live(folder, workers=True, allow_hosts=("127.0.0.1",)) as live:
        yield live


@pytest.fixture(scope="module")
def operator(server: LiveServer) -> str:
    return server.new_key("boss", frozenset({Scope.ADMIN}))


def beginning(events: Iterator[Event]) -> dict[str, dict[str, Any]]:
    """Return the first event of each engine and worker, by the event's name."""
    found: dict[str, dict[str, Any]] = {}
    while {"engine.updated", "worker.updated"} - set(found):
        _, name, data = next(events)
        found[name] = data
    return found


def test_operators_follow_jobs_of_all_accounts(server: LiveServer, operator: str) -> None:
    with (
        client_with(server, server.new_key("ann")) as ann,
        following(server, operator, path=PLACE) as events,
    ):
        first = beginning(events)
        hook = {"name": "h", "url": "http://127.0.0.1:9/", "event_types": ["video.completed"]}
        ann.post("/webhook_endpoints", json=hook)
        ann.post("/videos", json={"prompt": PROMPT, "model": "sora-2", "seconds": "4"})
        told: list[Event] = []
        while {"job.ended", "delivery.attempted"} - {name for _, name, _ in told}:
            told.append(next(events))
        with client_with(server, operator) as boss:
            boss.patch(f"/admin/engines/{first['engine.updated']['name']}", json=DRAIN)
        while (latest := until(events, "engine.updated"))[2]["admin_state"] != "draining":
            pass

    AdminEngine.model_validate(latest[2])
    AdminWorker.model_validate(first["worker.updated"])
    jobs = [(name, data) for _, name, data in told if name.startswith("job.")]
    for _, job in jobs:
        AdminJob.model_validate(job)
        assert job["account"] == "ann"
    assert jobs[-1][0] == "job.ended"
    assert PROMPT not in str(told)
    ended = next(one for one in told if one[1] == "job.ended")
    (delivery,) = [data for _, name, data in told if name == "delivery.attempted"]
    WebhookDelivery.model_validate(delivery)
    assert (delivery["attempts"], delivery["job_id"]) == (1, ended[2]["id"])
    with following(server, operator, ended[0], PLACE) as events:
        assert until(events, "job.ended")[2]["id"] == ended[2]["id"], "what ended is told again"


def test_only_operators_may_follow_the_place(server: LiveServer) -> None:
    with client_with(server, server.new_key("eve")) as eve:
        assert eve.get("/admin/events").json()["error"]["code"] == "insufficient_permissions"


def test_an_old_id_begins_anew(server: LiveServer, operator: str) -> None:
    with following(server, operator, "0", PLACE) as events:
        assert next(events)[1] == "reset"


@pytest.mark.full  # credentials are looked at every five seconds
def test_a_stream_ends_when_its_operator_is_one_no_more(server: LiveServer) -> None:
    core, name = server.services.core, "former"
    core.accounts.create(AccountCreate(name, role=Role.OPERATOR))
    with server.services.db.write() as conn:
        opened = core.sessions.open_for(conn, name, SessionTerms(Audience.APP, operator=True))
    with following(server, core.sessions.let_in(opened).access.secret, path=PLACE) as events:
        beginning(events)
        core.accounts.change(None, name, AccountUpdate(role=Role.USER))
        assert "reset" not in {name for _, name, _ in events}, "the stream has an end"
