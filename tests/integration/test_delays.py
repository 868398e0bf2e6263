"""A delay that was set while the clock was ahead ends in time once it is right again."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest
from dbos import DBOS

from hinode import load_settings, open_services
from hinode.kit.ids import new_id
from hinode.worker import build_worker
from hinode.workflows.delays import DelayCorrection
from hinode.workflows.dispatcher import DbosDeliveryQueue
from hinode.workflows.queue_signals import QueueSignals

AHEAD = timedelta(days=40).total_seconds()
HOUR = 3600.0


def _ends() -> list[float]:
    """Return when the delays end, in seconds from now."""
    delayed = DBOS.list_workflows(status="DELAYED")
    return sorted((one.delay_until_epoch_ms or 0) / 1000 - time.time() for one in delayed)


def test_delays_of_a_wrong_clock_are_shortened_to_their_own_length(
    database_url: str, tmp_path: Path
) -> None:
    services = open_services(load_settings(data=tmp_path, database=database_url))
    queue = DbosDeliveryQueue(services.db, QueueSignals())
    worker = build_worker(services)
    worker.start()
    try:
        delivery, ahead = new_id(), AHEAD
        with services.db.write() as conn:
            queue.enqueue(conn, delivery, 1, "a", HOUR)
            queue.enqueue(conn, delivery, 2, "a", HOUR)
        (first, _) = DBOS.list_workflows(status="DELAYED")
        correction = DelayCorrection(lambda: time.time() + ahead)
        correction.run()

        wrong = int(1000 * (time.time() + ahead + HOUR))
        DBOS.set_workflow_delay(first.workflow_id, delay_until_epoch_ms=wrong)
        assert correction.run() == 0  # the clock goes on as it was
        ahead = 0.0
        assert correction.run() == 1
        assert _ends() == pytest.approx([HOUR, HOUR], abs=120)
        assert DelayCorrection().run() == 0  # nor is anything left for the next start
    finally:
        worker.stop(timedelta(0))
        services.close()
