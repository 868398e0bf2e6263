"""Two servers, three workers, a database and a store, each a host of its own; and what can fail.

Every host is a network namespace with its own folder, set up as docs/operate/several-machines says.
In short with the other tests of the full tier; `make chaos` makes 2,000 jobs of 50 accounts.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from hinode.db.database import Database
from tests.support import patient
from tests.support.bucket import Bucket, local_bucket
from tests.support.databases import Postgres, postgres_server
from tests.support.hinode_process import HinodeProcess, WorkerProcess
from tests.support.kept_sums import assert_sums_are_exact
from tests.support.moved_clock import MovedClock
from tests.support.network import Network, is_permitted, network
from tests.support.persistent import PersistentClient, check_money, until
from tests.support.receiver import Receiver, receiving
from tests.support.tasks import PATH, task_body
from tests.support.timed_engines import COMMAND

pytestmark = [
    pytest.mark.full,
    pytest.mark.chaos,
    pytest.mark.skipif(not is_permitted(), reason="needs root, iproute2 and namespaces"),
]

FULL = os.environ.get("HINODE_CHAOS") == "full"
ACCOUNTS, JOBS_EACH = (50, 40) if FULL else (6, 16)
CUT_SECONDS, STOPPED_SECONDS = (20.0, 40.0) if FULL else (3.0, 4.0)
PATIENCE_SECONDS = 1200.0 if FULL else 240.0
APART = timedelta(seconds=60)
EVERYWHERE = ("db", "st", "cl")
HOSTS = {
    "db": ("db",),
    "store": ("st",),
    "client": ("cl",),
    "api1": EVERYWHERE,
    "api2": EVERYWHERE,
    "gpu1": EVERYWHERE,
    "gpu2": EVERYWHERE,
    "gpu3": EVERYWHERE,
}
OTHER_MODEL = "other-1"
OTHER = {"engine": "other", "price": 10, "sizes": ["1280x720", "720x1280"], "seconds": [4]}
SETTINGS = {
    "HINODE_ENGINE": "steady",
    "HINODE_MODELS": json.dumps({OTHER_MODEL: OTHER}),
    "HINODE_PRESIGNED_URLS": "false",
    "HINODE_WORKERS": "false",
    "HINODE_HOST": "0.0.0.0",
    "HINODE_ACCOUNT_MAX_UNFINISHED": "0",
    **{f"HINODE_ENGINES__{name}__CONCURRENCY": "4" for name in ("STEADY", "OTHER")},
}


@dataclass
class Place:
    """The hosts, and what clients know of them."""

    network: Network
    postgres: Postgres
    bucket: Bucket
    receiver: Receiver
    database_url: str
    servers: dict[str, HinodeProcess]
    workers: dict[str, WorkerProcess]

    def addresses(self) -> list[str]:
        return [one.address for one in self.servers.values()]


@contextmanager
def _relay(hosts: Network, socket: str) -> Iterator[str]:
    host = hosts.hosts["db"]
    command = [*host.command, sys.executable, "-m", "tests.support.relay"]
    words = [host.address("db"), "5432", f"{socket}/.s.PGSQL.5432"]
    with subprocess.Popen([*command, *words], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        try:
            yield f"{host.address('db')}:5432"
        finally:
            process.kill()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with ExitStack() as stack:
        postgres = stack.enter_context(postgres_server())
        local = stack.enter_context(postgres.fresh())
        hosts = stack.enter_context(network(HOSTS))
        url = sa.make_url(local)
        relay = stack.enter_context(_relay(hosts, str(url.query["host"])))
        with hosts.hosts["store"].entered():
            bucket = stack.enter_context(local_bucket(hosts.hosts["store"].address("st")))
        stack.enter_context(hosts.hosts["client"].entered())
        receiver = stack.enter_context(receiving(hosts.hosts["client"].address("cl")))
        environment = {
            **SETTINGS,
            **bucket.environment,
            "HINODE_DATABASE": f"postgresql://postgres@{relay}/{url.database}",
            "HINODE_STORAGE": "s3://films/hinode",
            "HINODE_ALLOW_HOSTS": json.dumps([receiver.place]),
        }
        place = Place(hosts, postgres, bucket, receiver, local, {}, {})
        for name, ahead in {"api1": None, "api2": -APART}.items():
            folder, own = _folder(tmp_path, name), _clock(tmp_path / name, ahead)
            server = HinodeProcess(folder, {**environment, **own}, before=hosts.hosts[name].command)
            server.address = f"http://{hosts.hosts[name].address('cl')}:{server.port}"
            place.servers[name] = server
            _start(stack, server)
            environment["HINODE_SECRET"] = (
                (tmp_path / "api1" / "data" / "secret.key").read_text().strip()
            )
        for name, ahead in {"gpu1": None, "gpu2": APART, "gpu3": None}.items():
            engine = "other" if name == "gpu3" else "steady"
            worker = WorkerProcess(
                _folder(tmp_path, name),
                {**environment, **_clock(tmp_path / name, ahead)},
                "--engines",
                engine,
                command=COMMAND,
                before=hosts.hosts[name].command,
            )
            place.workers[name] = worker
            _start(stack, worker)
        yield place


def _folder(root: Path, name: str) -> Path:
    (root / name).mkdir()
    return root / name / "data"


def _clock(folder: Path, ahead: timedelta | None) -> dict[str, str]:
    """The environment of a host whose clock differs from the others'; needs a C compiler."""
    if ahead is None:
        return {}
    clock = MovedClock(folder)
    clock.move(ahead)
    return dict(clock.preloaded() or {})


def _start(stack: ExitStack, process: HinodeProcess) -> None:
    process.start()
    stack.callback(process.stop)


def _keys(place: Place) -> list[str]:
    """Make the accounts, each with a key, by the admin API of the second server."""
    admin = {"authorization": f"Bearer {place.servers['api1'].key}"}
    made = []
    with patient.Client(base_url=f"{place.addresses()[1]}/v1/admin", headers=admin) as client:
        for number in range(ACCOUNTS):
            name = f"account-{number}"
            answer = client.post("/accounts", json={"name": name, "credits": 1_000_000})
            assert answer.is_success, answer.text
            answer = client.post("/keys", json={"account": name, "name": "program"})
            assert answer.is_success, answer.text
            made.append(answer.json()["secret"])
    return made


class Program:
    """A client of one account: it makes its jobs in turn by servers, dialects and engines."""

    def __init__(self, place: Place, key: str) -> None:
        self.clients = [PersistentClient(one, key, PATIENCE_SECONDS) for one in place.addresses()]
        self.created: set[str] = set()
        self.told: set[str] = set()
        self._receiver = place.receiver

    def create(self, numbers: range) -> None:
        """Make the jobs with these numbers."""
        for number in numbers:
            client = self.clients[number % 2]
            given = {"model": OTHER_MODEL if number % 3 == 2 else "sora-2"}
            headers = {"Idempotency-Key": f"create-{number}"}
            if number % 4 < 2:
                body = {"prompt": f"fox {number}", "seconds": "4", **given}
                answer = client.ask("POST", "/videos", json=body, headers=headers)
                self.created.add(answer.json()["id"])
            else:
                body = {**task_body(f"fox {number}"), **given, "callback_url": self._receiver.url}
                answer = client.ask("POST", PATH, json=body, headers=headers)
                self.created.add(answer.json()["data"]["taskId"])
                self.told.add(answer.json()["data"]["taskId"])

    def close(self) -> None:
        for client in self.clients:
            client.close()


class Polling:
    """A program that polls all servers all the time, and counts what they answer."""

    def __init__(self, place: Place, key: str) -> None:
        self.answers: Counter[str] = Counter()
        self._place = place
        self._headers = {"authorization": f"Bearer {key}"}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Polling:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(0.1):
            for address in self._place.addresses():
                self.answers[self._ask(f"{address}/v1/videos?limit=20")] += 1

    def _ask(self, url: str) -> str:
        try:
            return str(patient.get(url, headers=self._headers, timeout=5.0).status_code)
        except httpx.TransportError as error:
            return type(error).__name__


def _faults(place: Place) -> dict[str, Callable[[], None]]:
    """What goes wrong, one after the other."""

    def kill(name: str) -> None:
        place.workers[name].kill()
        time.sleep(CUT_SECONDS)
        place.workers[name].start()

    def cut(name: str, net: str) -> None:
        with place.network.cut(name, net):
            time.sleep(CUT_SECONDS)

    def store_away() -> None:
        place.bucket.away = True
        time.sleep(CUT_SECONDS)
        place.bucket.away = False

    def restart_database() -> None:
        with place.postgres.outage():
            time.sleep(CUT_SECONDS / 4)

    def suspend(name: str) -> None:
        os.kill(place.workers[name].pid, signal.SIGSTOP)
        time.sleep(STOPPED_SECONDS)
        os.kill(place.workers[name].pid, signal.SIGCONT)

    def restart_all() -> None:
        everything = [*place.servers.values(), *place.workers.values()]
        for process in everything if FULL else everything[::3]:
            assert process.stop() == 0
            process.start()

    return {
        "a worker's host is lost and comes back": lambda: kill("gpu1"),
        "a worker's link to the database is cut": lambda: cut("gpu2", "db"),
        "a server's link to the database is cut": lambda: cut("api2", "db"),
        "a worker's link to the store is cut": lambda: cut("gpu3", "st"),
        "the store is away": store_away,
        "the database restarts": restart_database,
        "a worker is stopped and woken": lambda: suspend("gpu2"),
        "everything restarts in turn": restart_all,
    }


def _states(place: Place) -> Counter[str]:
    db = Database(place.database_url)
    with db.read() as conn:
        rows = conn.execute(sa.text("SELECT state, count(*) FROM jobs GROUP BY state")).all()
    db.dispose()
    return Counter(dict(tuple(row) for row in rows))


def _parts(faults: int) -> list[range]:
    """Return the numbers of an account's jobs in parts: each fault meets new ones."""
    bounds = [JOBS_EACH * part // faults for part in range(faults + 1)]
    return [range(*bounds[part : part + 2]) for part in range(faults)]


def test_faults_of_hosts_and_links_lose_nothing_and_double_nothing(place: Place) -> None:
    started, keys = time.monotonic(), _keys(place)
    programs, faults = [Program(place, key) for key in keys], _faults(place)
    total = ACCOUNTS * JOBS_EACH
    with Polling(place, keys[0]) as polling, ThreadPoolExecutor(8) as pool:
        for (name, fault), part in zip(faults.items(), _parts(len(faults)), strict=True):
            creating = [pool.submit(one.create, part) for one in programs]
            until(lambda: _states(place)["running"] > 0, PATIENCE_SECONDS)
            fault()
            for one in creating:
                one.result()
            print(f"{time.monotonic() - started:5.0f} s: {name}: {dict(_states(place))}")
        until(lambda: _states(place)["completed"] == total, PATIENCE_SECONDS)
    seconds = time.monotonic() - started

    assert set(polling.answers) <= {"200", "503", "ConnectError", *_CUT}, polling.answers
    check_money(place.database_url, total, whole=False)
    _check_sums(place)
    repeated = _check_callbacks(place, programs)
    for program in programs:
        _check_videos(program)
        program.close()
    print(f"{total} jobs of {ACCOUNTS} accounts in {seconds:.0f} s; {repeated} callbacks repeated")
    print(f"answers to polls: {dict(polling.answers)}")


_CUT = ("ReadTimeout", "ConnectTimeout", "ReadError", "WriteError", "RemoteProtocolError")
"""What a client sees of a server that is restarted, or that waits for what it lost."""


def _check_sums(place: Place) -> None:
    db = Database(place.database_url)
    assert_sums_are_exact(db)
    db.dispose()


def _check_callbacks(place: Place, programs: list[Program]) -> int:
    """Every task was told by one id; return how many deliveries were repeated."""
    expected = {task for one in programs for task in one.told}

    def ids() -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for request in place.receiver.requests:
            task = json.loads(request.body)["id"]
            found.setdefault(task, set()).add(request.headers["webhook-id"])
        return found

    until(lambda: set(ids()) == expected, PATIENCE_SECONDS)
    assert all(len(one) == 1 for one in ids().values())
    return len(place.receiver.requests) - len(expected)


def _check_videos(program: Program) -> None:
    """Both servers show the account's videos, and their files play from either."""
    seen = [client.all() for client in program.clients]
    assert seen[0] == seen[1]
    assert {video["status"] for video in seen[0]} == {"completed"}
    assert len(seen[0]) == len(program.created) == JOBS_EACH
    for client, video in zip(program.clients, seen[0], strict=False):
        film = client.ask("GET", f"/videos/{video['id']}/content")
        assert film.content[4:8] == b"ftyp"
