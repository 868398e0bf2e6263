"""What is polled costs the same however many jobs an account has: the databases count their work.

Every list is full both times; the second time the account has five times as many jobs in every
state, so that a statement that reads them all would do about five times the work.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
import pytest

from hinode import EngineRegistry, Services, load_settings, open_services
from hinode.core.auth.key_admin import KeyCreate
from hinode.core.auth.types import Caller, KeyLimits, Scope
from hinode.core.catalog.service import GenerationParams
from hinode.core.drafts.queries import MAX_PENDING
from hinode.core.jobs.account_admin import AccountCreate
from hinode.core.jobs.requests import VideoRequest
from hinode.core.jobs.types import JobError
from hinode.kit.ids import to_video_id
from hinode.testing.clock import FakeClock
from hinode.testing.server import live_server
from hinode.workflows.queues import create_tables
from tests.support import patient
from tests.support.database_work import DatabaseWork
from tests.support.many_jobs import add_jobs, add_records

FEW, MANY = MAX_PENDING + 50, 5 * MAX_PENDING
RECORDS_EACH = 4
"""So many that PostgreSQL does not read the whole table of events for a page of them."""

MOST_TIMES = 1.5
SLACK = 100
"""For lists that a test cannot fill; a statement that reads all jobs exceeds it by far."""

FOX = VideoRequest("a fox", GenerationParams())
LIMITS = KeyLimits(
    spend_hour=10**9, spend_day=10**9, spend_total=10**9, max_unfinished=10**6, per_minute=10**6
)
POLLED = (
    "/v1/videos/{}",
    "/v1/videos?limit=20",
    "/v1/videos?limit=20&order=asc",
    "/v1/tasks?limit=20",
    "/v1/tasks?status=pending",
    "/v1/tasks?status=failed",
    "/v1/tasks?model=sora-2&status=failed",
    "/v1/tasks?model=sora-2",
    "/v1/credits",
    "/v1/usage",
    "/v1/callbacks",
    "/v1/files",
    "/backend/nf/pending",
    "/backend/nf/pending/v2",
    "/backend/nf/check",
    "/backend/billing/credit_balance",
    "/backend/project_y/profile/drafts",
    "/backend/v2/recent_tasks",
    "/backend/video_gen",
    "/backend/me",
    "/backend/project_y/initialize_async",
    "/v1/admin/accounts",
    "/v1/admin/accounts/acme",
    "/v1/admin/accounts/acme/ledger?limit=2",
    "/v1/admin/accounts/acme/usage",
    "/v1/admin/keys",
    "/v1/admin/jobs?limit=20",
    "/v1/admin/jobs?status=queued",
    "/v1/admin/jobs?status=failed",
    "/v1/admin/jobs?account=acme",
    "/v1/admin/jobs?account=acme&status=failed&model=sora-2",
    "/v1/admin/jobs?created_before=946684800",
    "/v1/admin/jobs?status=completed",
    "/v1/admin/jobs?model=sora-2",
    "/v1/admin/jobs?model=rare",
    "/v1/admin/jobs?engine=rare",
    "/v1/admin/jobs?engine=preview&status=failed",
    "/v1/admin/jobs?account=acme&engine=rare",
    "/v1/admin/engines",
    "/v1/admin/usage",
    "/v1/admin/usage?group=engine,model",
    "/v1/admin/ledger",
    "/v1/admin/ledger?kind=grant",
    "/v1/admin/ledger?account=acme&kind=grant",
    "/v1/admin/deliveries",
    "/v1/admin/deliveries?status=failed",
    "/v1/admin/deliveries?account=acme&status=failed",
    "/v1/admin/workers",
    "/v1/admin/health",
    "/v1/admin/audit",
    "/v1/me",
    "/v1/me/ledger",
    "/v1/me/usage",
    "/v1/me/deliveries",
    "/v1/me/deliveries?status=failed",
    "/v1/jobs",
    "/v1/jobs?status=failed",
    "/v1/jobs?q=rare",
    "/v1/jobs?q=fox",
    "/v1/jobs?favorite=false",
    "/v1/jobs?favorite=true",
    "/v1/jobs?favorite=true&status=completed",
    "/v1/jobs?created_before=946684800",
    "/readyz",
    "/metrics",
)


@dataclass(frozen=True, slots=True)
class Place:
    """A server and an account with a limited key."""

    services: Services
    caller: Caller
    client: httpx.Client
    work: DatabaseWork


@pytest.fixture
def place(database_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Place]:
    settings = load_settings(data=tmp_path, database=database_url, workers=False)
    services = open_services(settings, engines=EngineRegistry([]), clock=clock)
    create_tables(services.db)
    core = services.core
    core.accounts.create(AccountCreate("acme", credits=10**9))
    made = core.keys.create(KeyCreate("acme", "k", frozenset(Scope), limits=LIMITS))
    caller = core.auth.authenticate(made.secret, Scope.VIDEOS)
    headers = {"authorization": f"Bearer {made.secret}"}
    with (
        live_server(services) as server,
        patient.Client(base_url=server.url, headers=headers) as client,
    ):
        yield Place(services, caller, client, DatabaseWork(services.db))
    services.close()


def measure(place: Place) -> dict[str, int]:
    """Return the work of everything that is polled or done for each job, by name."""
    services, found = place.services, {}
    last = services.core.jobs.create_video(place.caller, FOX)

    def get(path: str) -> None:
        answer = place.client.get(path.format(to_video_id(last.id)))
        assert answer.status_code == 200, path

    for path in POLLED:
        get(path)
        found[path] = place.work.of(partial(get, path))
    activity = partial(services.core.activity.look, {place.caller.account_id: last.created_at})
    found["/v1/events"] = place.work.of(activity)
    found["/v1/admin/events"] = place.work.of(
        lambda: (
            services.core.place.look(services.clock.now()),
            services.core.deliveries.attempted_since(services.clock.now()),
        )
    )

    def create() -> None:
        services.core.jobs.create_video(place.caller, FOX)

    def run() -> None:
        services.core.router.decide(last.id, 0)
        order = services.core.execution.begin(last.id)
        assert order is not None
        services.core.execution.complete(order.job, [])

    def fail() -> None:
        job = services.core.jobs.create_video(place.caller, FOX)
        services.core.execution.fail(job.id, JobError("render_crashed", "It crashed."))

    found["create"] = place.work.of(create)
    found["run"] = place.work.of(run)
    found["fail"] = place.work.of(fail)
    found["sweep"] = place.work.of(services.core.job_cleanup.sweep)
    found["leases"] = place.work.of(services.core.upstreams.delete_ended_leases)
    return found


@pytest.mark.parametrize(
    "database_url", ["sqlite", pytest.param("postgres", marks=pytest.mark.full)], indirect=True
)
def test_what_is_polled_does_not_read_an_accounts_history(place: Place) -> None:
    add_jobs(place.services, place.caller, FEW)
    add_records(place.services, place.caller, RECORDS_EACH * FEW)
    few = measure(place)
    add_jobs(place.services, place.caller, MANY - FEW)
    add_records(place.services, place.caller, RECORDS_EACH * (MANY - FEW))
    many = measure(place)

    most = {name: MOST_TIMES * work + SLACK for name, work in few.items()}
    grown = {name: (few[name], many[name]) for name in few if many[name] > most[name]}
    assert not grown
