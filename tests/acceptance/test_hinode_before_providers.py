"""Hinode before the stand-in of each paid provider, either of them killed in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hinode.db.database import Database
from hinode.media.probe import probe
from tests.support.films import write_film
from tests.support.hinode_process import HinodeProcess, free_port, running
from tests.support.persistent import PersistentClient, until, wait_for_all
from tests.support.upstreams import faulty
from tests.support.upstreams.ark import ArkServer
from tests.support.upstreams.hosted import HostedServer, hosted_server
from tests.support.upstreams.providers import CASES, Case
from tests.support.upstreams.runway import CREDITS, RunwayServer
from tests.support.upstreams.videos import KEY, LOOKS

pytestmark = pytest.mark.full

JOBS = 4
FOR_EVER = 10**9
PATIENCE_SECONDS = 120.0
PRICE_PER_SECOND, FILM_SECONDS = 30, 2

SETTINGS = """
engine = "studio"

[engines.studio]
kind = "{kind}"
url = "{url}"
key_env = "PROVIDER_KEY"
concurrency = 8
poll_interval_seconds = 0.1
{more}

[models."sora-2"]
engine = "studio"
upstream = "{model}"
price = {price}
"""


class Outage:
    """The provider at one address, which comes and goes; its jobs outlive that."""

    def __init__(self, server: HostedServer) -> None:
        self.server, self.port = server, free_port()
        self.url = f"http://127.0.0.1:{self.port}/api"
        self._running = ExitStack()

    def start(self) -> None:
        self._running.enter_context(hosted_server(self.server, self.port))

    def kill(self) -> None:
        self._running.close()


@pytest.fixture(params=CASES, ids=lambda one: one.kind)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


@pytest.fixture
def provider(case: Case) -> Iterator[Outage]:
    outage = Outage(case.server(needed=FOR_EVER))
    outage.start()
    yield outage
    outage.kill()


@pytest.fixture
def hinode(tmp_path: Path, case: Case, provider: Outage) -> Iterator[HinodeProcess]:
    process = HinodeProcess(tmp_path / "data", {"PROVIDER_KEY": KEY})
    process.data.mkdir()
    more = "experimental = true" if case.experimental else ""
    given = {"kind": case.kind, "url": provider.url, "model": case.model, "more": more}
    (process.data / "hinode.toml").write_text(SETTINGS.format(price=PRICE_PER_SECOND, **given))
    process.start()
    yield process
    process.stop()


def test_kills_on_either_side_lose_nothing_and_send_nothing_twice(
    hinode: HinodeProcess, provider: Outage, case: Case, tmp_path: Path
) -> None:
    server = provider.server
    client = PersistentClient(hinode.address, hinode.key, PATIENCE_SECONDS)
    server.once["create"] = [faulty.RESET]
    lost = client.create(0)
    until(lambda: ended(client, lost), PATIENCE_SECONDS)
    made = [client.create(number) for number in range(1, JOBS + 1)]
    # What is looked at has its ticket stored: a kill before that is a create without an answer.
    until(lambda: looked_at(server) == JOBS, PATIENCE_SECONDS)

    hinode.kill()
    provider.kill()
    hinode.start()
    provider.start()
    for job in server.jobs.values():
        job.needed = job.looks + LOOKS

    videos = {video["id"]: video for video in wait_for_all(client)}
    assert videos[lost]["status"] == "failed"
    assert videos[lost]["error"]["code"] == "upstream_uncertain"
    assert {videos[one]["status"] for one in made} == {"completed"}, videos
    for one in made:
        film = tmp_path / "film.mp4"
        film.write_bytes(client.ask("GET", f"/videos/{one}/content").content)
        assert probe(film).duration == FILM_SECONDS
    client.close()
    assert len(server.jobs) == JOBS + 1
    assert server.destroyed == server.strange == []
    paid = ("completed", ["hold", "settle"], -CHARGED, case.cost)
    assert books(hinode.data) == [paid] * JOBS + [("failed", ["hold", "refund"], 0, None)]
    assert KEY not in hinode.log.read_text()


CHARGED = PRICE_PER_SECOND * FILM_SECONDS
"""What was rendered is charged, not what was asked for."""


TWO_ROUTES = """
[engines.runway]
kind = "runway"
url = "{runway}"
key_env = "PROVIDER_KEY"
poll_interval_seconds = 0.1
credits_per_unit = 3

[engines.ark]
kind = "ark"
url = "{ark}"
key_env = "PROVIDER_KEY"
poll_interval_seconds = 0.1

[models."sora-2"]
routing_strategy = "weight"
engines = [
  {{ engine = "runway", upstream = "veo3.1", price = 30, sizes = ["1280x720", "1080x1920"] }},
  {{ engine = "ark", upstream = "dreamina-seedance-2-0-260128", price = 7, sizes = ["1280x720"] }},
]
"""
WISHES = (
    *[{"seconds": "4", "size": "1280x720"}] * 6,
    *[{"seconds": "4", "size": "1080x1920"}] * 2,  # Runway's only
    *[{"seconds": "12", "size": "1280x720"}] * 2,  # Ark's only
)
FILMS = {"runway": (128, 72, 4.0, 12), "ark": (96, 64, 3.0, 8)}
# What Runway says in our credits; of Ark's price the part that was rendered.
CHARGES = {"runway": CREDITS * 3, "ark": 7 * 3}


@pytest.fixture
def routes(tmp_path: Path) -> Iterator[dict[str, Outage]]:
    servers = {"runway": RunwayServer(needed=FOR_EVER), "ark": ArkServer(needed=FOR_EVER)}
    outages = {name: Outage(server) for name, server in servers.items()}
    for name, (width, height, seconds, fps) in FILMS.items():
        path = write_film(tmp_path / f"{name}.mp4", width, height, seconds, fps)
        servers[name].video = path.read_bytes()
        outages[name].start()
    yield outages
    for one in outages.values():
        one.kill()


def test_jobs_of_two_routes_agree_with_their_files_after_a_kill(
    tmp_path: Path, routes: dict[str, Outage]
) -> None:
    hinode = HinodeProcess(tmp_path / "data", {"PROVIDER_KEY": KEY})
    hinode.data.mkdir()
    urls = {name: one.url for name, one in routes.items()}
    (hinode.data / "hinode.toml").write_text(TWO_ROUTES.format(**urls))
    with running(hinode):
        client = PersistentClient(hinode.address, hinode.key, PATIENCE_SECONDS)
        for number, fields in enumerate(WISHES):
            body = {"prompt": f"fox number {number}", "model": "sora-2", **fields}
            answer = client.ask("POST", "/videos", json=body)
            assert answer.status_code == 200, answer.text
        servers = [one.server for one in routes.values()]
        until(lambda: sum(map(looked_at, servers)) == len(WISHES), PATIENCE_SECONDS)
        hinode.kill()
        hinode.start()
        for job in [job for server in servers for job in server.jobs.values()]:
            job.needed = job.looks + LOOKS
        videos = wait_for_all(client)
        for video in videos:
            check_file(client, video, tmp_path / "film.mp4")
        client.close()
    taken = [str(video["engine"]) for video in videos]
    assert {name: taken.count(name) for name in routes} == {
        name: len(one.server.jobs) for name, one in routes.items()
    }
    assert min(taken.count(name) for name in routes) >= 2
    assert [one.server.destroyed + one.server.strange for one in routes.values()] == [[], []]
    charged = sorted(-amount for _, _, amount, _ in books(hinode.data))
    assert charged == sorted(CHARGES[name] for name in taken)


def check_file(client: PersistentClient, video: dict[str, Any], path: Path) -> None:
    """The video object says of its file what the file is."""
    assert video["status"] == "completed", video
    width, height, seconds, fps = FILMS[video["engine"]]
    assert (video["size"], video["seconds"]) == (f"{width}x{height}", str(round(seconds)))
    assert video["fps"] == fps
    path.write_bytes(client.ask("GET", f"/videos/{video['id']}/content").content)
    found = probe(path)
    assert (found.width, found.height, found.duration) == (width, height, seconds)


def ended(client: PersistentClient, video: str) -> bool:
    status: str = client.ask("GET", f"/videos/{video}").json()["status"]
    return status == "failed"


def looked_at(server: HostedServer) -> int:
    return sum(1 for job in list(server.jobs.values()) if job.looks)


def books(data: Path) -> list[tuple[str, list[str], int, int | None]]:
    """Return the state, the ledger's entries, their sum and the cost there of each job."""
    db = Database(f"sqlite:///{data / 'hinode.db'}")
    with db.read() as conn:
        rows = conn.execute(
            sa.text(
                "SELECT j.state, group_concat(l.kind), sum(l.amount), j.upstream_cost FROM jobs j "
                "JOIN (SELECT * FROM ledger ORDER BY id) l ON l.job_id = j.id GROUP BY j.id"
            )
        ).all()
        totals = conn.execute(
            sa.text("SELECT (SELECT sum(amount) FROM balances), (SELECT sum(amount) FROM ledger)")
        ).one()
    db.dispose()
    assert totals[0] == totals[1]
    found = [(state, kinds.split(","), amount, cost) for state, kinds, amount, cost in rows]
    return sorted(found, key=lambda one: one[0])
