"""Programs that must not lose a video, and the proof that none was lost or paid twice."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx
import sqlalchemy as sa

from hinode.db.database import Database
from tests.support import patient

SMALL = "160x96"
"""A size of videos whose render is quick: tests of faults are about what happens between them."""
SMALL_MODELS = '{"sora-2": {"sizes": ["160x96"]}}'
"""The setting ``HINODE_MODELS`` with which a server has that size."""
PATIENCE_SECONDS = 900.0
"""What other work on the machine may cost; a test that fails waits so long."""


class PersistentClient:
    """Asks again until it is answered, as a program that must not lose its videos does."""

    def __init__(
        self,
        address: str,
        key: str,
        patience_seconds: float = PATIENCE_SECONDS,
        size: str = "720x1280",
    ) -> None:
        self.size = size
        self.patience_seconds = patience_seconds
        self._client = patient.Client(
            base_url=f"{address}/v1", headers={"Authorization": f"Bearer {key}"}, timeout=10
        )

    def close(self) -> None:
        self._client.close()

    def ask(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        started = time.monotonic()
        while time.monotonic() - started < self.patience_seconds:
            with suppress(httpx.TransportError):
                answer = self._client.request(method, path, **kwargs)
                if answer.status_code < 500:
                    return answer
            time.sleep(0.05)
        raise AssertionError(f"{method} {path} was never answered")

    def create(self, number: int) -> str:
        body = {"prompt": f"fox number {number} in the rain", "seconds": "4", "size": self.size}
        answer = self.ask(
            "POST", "/videos", json=body, headers={"Idempotency-Key": f"create-{number}"}
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    def all(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            after = {"after": found[-1]["id"]} if found else {}
            page = self.ask("GET", "/videos", params={"limit": 100, **after}).json()
            found += page["data"]
            if not page["has_more"]:
                return found


def until(true: Callable[[], bool], seconds: float) -> float:
    """Wait until something is true; return the seconds that it took."""
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < seconds, "waited too long"
        time.sleep(0.05)
    return time.monotonic() - started


def wait_for_all(client: PersistentClient) -> list[dict[str, Any]]:
    """Wait until every video of the account has ended."""
    videos: list[dict[str, Any]] = []

    def all_ended() -> bool:
        videos[:] = client.all()
        return all(video["status"] in ("completed", "failed") for video in videos)

    until(all_ended, client.patience_seconds)
    return videos


def check_money(database_url: str, jobs: int, *, whole: bool = True) -> None:
    """One hold and one end per job, the right one, and a balance that is their sum.

    ``whole``: each completed video was rendered in its whole length, and costs its price.
    """
    db = Database(database_url)
    with db.read() as conn:
        rows = conn.execute(sa.text("SELECT id, state, price, charged FROM jobs"))
        made = {row.id: row for row in rows}
        entries = conn.execute(sa.text("SELECT job_id, kind, amount FROM ledger ORDER BY id")).all()
        balance = conn.scalar(sa.text("SELECT sum(amount) FROM balances"))
    db.dispose()
    booked = defaultdict(list)
    for job_id, kind, amount in entries:
        booked[job_id].append((kind, amount))
    assert len(made) == jobs
    for job_id, (_, state, price, charged) in made.items():
        kinds, amounts = zip(*booked[job_id], strict=True)
        settled = state == "completed"
        assert kinds == ("hold", "settle" if settled else "refund")
        assert sum(amounts) == -charged
        assert charged == (price if settled else 0) or (settled and not whole)
    assert balance == sum(amount for _, _, amount in entries)
