"""One server, two, and two processes of one on PostgreSQL: requests per second, and what idles.

The same number of connections sends the same requests each time, so the ratios say what a second
server adds. Creates of one account wait for each other at its balance; those of several do not.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from benchmarks import payloads, processes
from benchmarks.drafts import database
from benchmarks.load import Load, LoadResult, drive
from benchmarks.report import DeliveryTarget, Line, Part
from hinode.config.settings import load_settings
from hinode.core.accounts.types import Plan
from hinode.core.auth.key_admin import KeyCreate
from hinode.core.auth.types import Scope
from hinode.core.catalog.service import GenerationParams
from hinode.core.jobs.account_admin import AccountCreate
from hinode.core.jobs.requests import VideoRequest
from hinode.kit.ids import to_video_id
from hinode.services import Services, open_services
from hinode.workflows.queues import create_tables

CONNECTIONS = 16
ACCOUNTS = 8
_QUEUED = 64
_VIDEOS = "/v1/videos"
_SETTLE_SECONDS = 5.0
_IDLE_LIKE_LOAD = 5
_ONE = "one server"

Serve = Callable[[ExitStack, Path], list[int]]


@dataclass(frozen=True, slots=True)
class _Data:
    """A folder on a new database, keys of several accounts, and ids of the first one's jobs."""

    folder: Path
    url: str
    keys: tuple[str, ...]
    queued: tuple[str, ...]

    def workloads(self) -> dict[str, tuple[bytes, ...]]:
        creates = tuple(payloads.create_json(_VIDEOS, key) for key in self.keys)
        retrieves = (payloads.get(f"{_VIDEOS}/{one}", self.keys[0]) for one in self.queued)
        return {
            "retrieves": tuple(retrieves),
            "creates, one account": creates[:1],
            f"creates, {ACCOUNTS} accounts": creates,
        }


def _servers(count: int, *options: str) -> Serve:
    def serve(running: ExitStack, folder: Path) -> list[int]:
        started = [processes.hinode(folder, "--no-workers", *options) for _ in range(count)]
        return [running.enter_context(one).port for one in started]

    return serve


CASES: dict[str, Serve] = {
    _ONE: _servers(1),
    "two servers": _servers(2),
    "serve --processes 2": _servers(1, "--processes", "2"),
}
IDLE: dict[str, tuple[str, ...]] = {"a server": ("--no-workers",), "a server and a worker": ()}


def measure(folder: Path, seconds: float) -> Iterator[Part]:
    """Measure under load, each case on a new database, and then at rest."""
    found = {case: _under_load(folder / f"load-{place}", case, seconds)
             for place, case in enumerate(CASES)}  # fmt: skip
    yield _load_part(found)
    with _data(folder / "idle", queued=0) as data:
        yield Part([_idle(data, name, seconds * _IDLE_LIKE_LOAD) for name in IDLE], [])


def _under_load(folder: Path, case: str, seconds: float) -> dict[str, LoadResult]:
    spawn = multiprocessing.get_context("spawn")
    with (
        ExitStack() as running,
        _data(folder) as data,
        ProcessPoolExecutor(2, mp_context=spawn) as pool,
    ):
        ports = CASES[case](running, data.folder)
        try:
            return {
                name: _drive(pool, ports, requests, seconds)
                for name, requests in data.workloads().items()
            }
        finally:
            running.close()  # before the database


def _drive(
    pool: Executor, ports: Sequence[int], requests: tuple[bytes, ...], seconds: float
) -> LoadResult:
    """Drive all servers at once, with the connections shared among them; return the sum."""
    each = CONNECTIONS // len(ports)
    loads = [Load(port, requests, seconds=seconds, connections=each) for port in ports]
    runs = list(pool.map(drive, loads))
    return LoadResult(
        count=sum(run.count for run in runs),
        per_second=sum(run.per_second for run in runs),
        p50_ms=max(run.p50_ms for run in runs),
        p99_ms=max(run.p99_ms for run in runs),
        bytes_per_second=sum(run.bytes_per_second for run in runs),
        errors=sum(run.errors for run in runs),
    )


def _load_part(found: dict[str, dict[str, LoadResult]]) -> Part:
    lines = [
        Line(f"{name}, {case}", f"{run.per_second:,.0f}/s", _detail(run, found[_ONE][name]))
        for case, runs in found.items()
        for name, run in runs.items()
    ]
    errors = sum(run.errors for runs in found.values() for run in runs.values())
    title = "failed requests, PostgreSQL"
    lines.append(Line(title, str(errors)))
    return Part(lines, [DeliveryTarget(title, errors, 0, "", at_most=True)])


def _detail(run: LoadResult, alone: LoadResult) -> str:
    ratio = run.per_second / alone.per_second if alone.per_second else 0.0
    return f"{ratio:.2f} × {_ONE}; p50 {run.p50_ms:.1f} ms, p99 {run.p99_ms:.1f} ms"


def _idle(data: _Data, name: str, seconds: float) -> Line:
    with processes.hinode(data.folder, *IDLE[name]):
        time.sleep(_SETTLE_SECONDS)
        before, _ = _activity(data.url)
        started = time.monotonic()
        time.sleep(seconds)
        after, connections = _activity(data.url)
        rate = (after - before) / (time.monotonic() - started)
    return Line(f"idle, {name}", f"{rate:.1f} commits/s", f"{connections} connections")


def _activity(url: str) -> tuple[int, int]:
    """Return the commits of a database until now, and its connections without this one."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as conn:
        row = conn.execute(sa.text(
            "SELECT xact_commit, (SELECT count(*) FROM pg_stat_activity a"
            " WHERE a.datname = d.datname AND a.pid <> pg_backend_pid()) AS connections"
            " FROM pg_stat_database d WHERE datname = current_database()"
        )).one()  # fmt: skip
    return int(row.xact_commit), int(row.connections)


@contextmanager
def _data(folder: Path, queued: int = _QUEUED) -> Iterator[_Data]:
    with database("PostgreSQL", folder) as url:
        (folder / "hinode.toml").write_text(f'account_max_unfinished = 0\ndatabase = "{url}"\n')
        services = open_services(load_settings(data=folder, workers=False))
        try:
            create_tables(services.db)
            keys = tuple(_account(services, number) for number in range(ACCOUNTS))
            caller = services.core.auth.authenticate(keys[0], Scope.VIDEOS)
            request = VideoRequest("a fox", GenerationParams())
            made = [services.core.jobs.create_video(caller, request) for _ in range(queued)]
        finally:
            services.close()
        yield _Data(folder, url, keys, tuple(to_video_id(job.id) for job in made))


def _account(services: Services, number: int) -> str:
    name = f"account{number}"
    services.core.accounts.create(AccountCreate(name, Plan.TEAM, unlimited=True))
    return services.core.keys.create(KeyCreate(name, "k", frozenset(Scope))).secret
