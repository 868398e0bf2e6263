"""When an engine counts as absent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from hinode.core.engines import repository
from hinode.core.engines.presence import EnginePresence

GRACE = timedelta(minutes=10)
NOW = datetime(2021, 5, 4, 3, 2, 1, tzinfo=UTC)


class Uptime:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def offers(monkeypatch: pytest.MonkeyPatch) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    monkeypatch.setattr(repository, "offers", lambda _conn: dict(found))
    return found


@pytest.fixture
def conn() -> sa.Connection:
    return sa.create_engine("sqlite://").connect()


def test_an_engine_is_absent_when_its_last_offer_is_older_than_the_grace(
    conn: sa.Connection, offers: dict[str, datetime]
) -> None:
    uptime = Uptime()
    presence = EnginePresence(GRACE, uptime)
    offers |= {"old": NOW - GRACE - timedelta(seconds=1), "new": NOW - GRACE}
    uptime.seconds = GRACE.total_seconds() + 1

    assert presence.absent(conn, ["old", "new", "never"], NOW) == {"old", "never"}


def test_nothing_is_absent_before_the_process_has_run_as_long_as_the_grace(
    conn: sa.Connection, offers: dict[str, datetime]
) -> None:
    uptime = Uptime()
    presence = EnginePresence(GRACE, uptime)
    uptime.seconds = GRACE.total_seconds()

    assert offers == {}
    assert presence.absent(conn, ["never"], NOW) == frozenset()


def test_no_grace_means_never(conn: sa.Connection, offers: dict[str, datetime]) -> None:
    uptime = Uptime()
    presence = EnginePresence(timedelta(), uptime)
    uptime.seconds = 1e9

    assert presence.absent(conn, ["never"], NOW) == frozenset()
    assert offers == {}


def test_an_offer_is_seen_within_seconds(conn: sa.Connection, offers: dict[str, datetime]) -> None:
    uptime = Uptime()
    presence = EnginePresence(GRACE, uptime)
    uptime.seconds = GRACE.total_seconds() + 1
    assert presence.absent(conn, ["back"], NOW) == {"back"}

    offers["back"] = NOW
    uptime.seconds += 15

    assert presence.absent(conn, ["back"], NOW) == frozenset()
