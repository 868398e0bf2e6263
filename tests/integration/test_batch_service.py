"""How a batch moves on, step by step, on both databases; no worker runs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from hinode import ErrorCode, HinodeError, Services
from hinode.api.openai.batch_lines import BatchRequests
from hinode.app import build_context
from hinode.core.auth.types import Caller, Priority
from hinode.core.batches.service import MAX_UNFINISHED_BATCHES, MAX_UNFINISHED_LINES
from hinode.core.batches.types import (
    Batch,
    BatchLine,
    BatchStatus,
    CreatedLine,
    LineFailure,
    LineNotRun,
    LineResponse,
    NewBatch,
)
from hinode.core.catalog.service import GenerationParams
from hinode.core.files.types import NewFile
from hinode.core.jobs.requests import VideoRequest
from hinode.core.jobs.types import Job, JobError, JobState
from hinode.kit.spool import Spooled
from hinode.testing.clock import FakeClock
from tests.support.accounts import account_with, caller_of
from tests.support.batches import VIDEOS, jsonl, line

BROKEN = JobError("broken", "It broke.")


def make(services: Services, caller: Caller, count: int = 3) -> Batch:
    """Return a batch of so many lines that is in progress."""
    batch = services.core.batches.create(caller, new_batch(services, caller, count))
    begun = services.core.batches.begin(batch.id)
    assert begun is not None
    assert begun.status is BatchStatus.IN_PROGRESS
    assert (begun.total, begun.completed, begun.failed) == (count, 0, 0)
    return begun


def new_batch(services: Services, caller: Caller, count: int = 1) -> NewBatch:
    content = Spooled.of(jsonl(*(line(str(number)) for number in range(count))))
    file = services.core.files.create(caller, NewFile(content, "requests.jsonl", "batch"))
    return NewBatch(VIDEOS, file.id, "http://127.0.0.1/")


def create(services: Services, caller: Caller, batch: Batch, number: int) -> Job:
    """Make the job of a line."""
    request = VideoRequest("a fox", GenerationParams(seconds="4"))
    job = services.core.jobs.create_video(caller, request)
    services.core.batches.record_created(batch, number, CreatedLine(job.id))
    return job


def end(services: Services, job: Job) -> None:
    services.core.execution.begin(job.id)
    assert services.core.execution.complete(job, [])


def answer(line: BatchLine, job: Job | None) -> LineResponse:
    good = job is not None and job.state is JobState.COMPLETED
    return LineResponse(200 if good else 500, {"number": line.number})


def finished(services: Services, caller: Caller, batch: Batch) -> Batch:
    services.core.batches.finish(batch.id, answer)
    return services.core.batches.get(caller, batch.id)


def lines_of(services: Services, caller: Caller, batch: Batch) -> list[dict[str, Any]]:
    """Return the lines of both files of results."""
    files = filter(None, (batch.output_file_id, batch.error_file_id))
    texts = [services.core.files.read(caller, file_id).read() for file_id in files]
    return [json.loads(one) for text in texts for one in text.splitlines()]


def test_every_line_has_one_result_in_its_file(services: Services, caller: Caller) -> None:
    batches, batch = services.core.batches, make(services, caller)
    assert batches.advance(batch.id, may_expire=True).next_lines == [1, 2, 3]
    done, broken = (create(services, caller, batch, number) for number in (1, 2))
    refusal = LineResponse(400, {"error": {"code": "invalid_value"}})
    batches.record_failed(batch, 3, refusal)
    end(services, done)
    assert services.core.execution.fail(broken.id, BROKEN)
    # Whoever repeats a step after a crash changes nothing.
    batches.record_created(batch, 1, CreatedLine(broken.id))
    batches.record_failed(batch, 1, refusal)
    for _ in range(2):
        assert batches.advance(batch.id, may_expire=True).done

    batch = finished(services, caller, batch)

    assert (batch.status, batch.completed, batch.failed) == (BatchStatus.COMPLETED, 1, 2)
    assert batch.finalizing_at is not None
    first, *others = lines_of(services, caller, batch)
    assert first["response"]["body"] == {"number": 1}
    assert [one["custom_id"] for one in (first, *others)] == ["0", "1", "2"]
    assert [one["response"]["status_code"] for one in others] == [500, 400]
    assert first["response"]["request_id"].startswith("req_")
    assert batches.begin(batch.id) is None
    assert finished(services, caller, batch) == batch
    page = services.core.files.page(
        caller, purpose="batch_output", limit=9, after=None, ascending=True
    )
    assert len(page.items) == 2


def test_what_a_late_worker_writes_is_not_filed_twice(services: Services, caller: Caller) -> None:
    batch = make(services, caller, 1)
    end(services, create(services, caller, batch, 1))
    services.core.batches.advance(batch.id, may_expire=True)

    def late(line: BatchLine, job: Job | None) -> LineResponse:
        finished(services, caller, batch)
        return answer(line, job)

    services.core.batches.finish(batch.id, late)

    ended = services.core.batches.get(caller, batch.id)
    assert ended.status is BatchStatus.COMPLETED
    stored = {one.key for one in services.store.list("files")}
    assert len(stored) == 2  # the input and one output
    assert len(lines_of(services, caller, ended)) == 1


@pytest.mark.parametrize("how", ["cancel", "expire"])
def test_an_end_before_the_last_line_keeps_what_is_done(
    services: Services, caller: Caller, clock: FakeClock, how: str
) -> None:
    batches, batch = services.core.batches, make(services, caller)
    done, running = (create(services, caller, batch, number) for number in (1, 2))
    end(services, done)
    services.core.execution.begin(running.id)
    if how == "cancel":
        assert batches.cancel(caller, batch.id).status is BatchStatus.CANCELLING
    else:
        clock.advance(timedelta(hours=24))
        assert not batches.advance(batch.id, may_expire=False).done
    assert batches.advance(batch.id, may_expire=True).done

    batch = finished(services, caller, batch)

    expected = BatchStatus.CANCELLED if how == "cancel" else BatchStatus.EXPIRED
    assert (batch.status, batch.completed, batch.failed) == (expected, 1, 2)
    assert services.core.jobs.job(caller, running.id).job.state is JobState.CANCELED
    first, *others = lines_of(services, caller, batch)
    assert first["custom_id"] == "0"
    code = "batch_cancelled" if how == "cancel" else "batch_expired"
    assert [(one["response"], one["error"]["code"]) for one in others] == [(None, code)] * 2


def test_a_batch_that_is_cancelled_before_it_is_read_ends(
    services: Services, caller: Caller
) -> None:
    batches = services.core.batches
    batch = batches.create(caller, new_batch(services, caller))
    batches.cancel(caller, batch.id)

    assert batches.begin(batch.id) is not None
    assert batches.advance(batch.id, may_expire=True).done
    batch = finished(services, caller, batch)

    assert (batch.status, batch.total) == (BatchStatus.CANCELLED, 0)
    assert (batch.output_file_id, batch.error_file_id) == (None, None)


def test_without_its_input_file_a_batch_ends(services: Services, caller: Caller) -> None:
    batches, batch = services.core.batches, make(services, caller)
    services.core.files.delete(caller, batch.input_file_id)

    assert batches.open_input(batch) is None
    assert batches.advance(batch.id, may_expire=True).done

    batch = finished(services, caller, batch)
    assert (batch.status, batch.failed) == (BatchStatus.COMPLETED, 3)
    found = lines_of(services, caller, batch)
    assert {one["error"]["code"] for one in found} == {"file_not_found"}
    new = new_batch(services, caller)
    gone = batches.create(caller, new)
    services.core.files.delete(caller, new.input_file_id)
    assert batches.begin(gone.id) is None
    failed = batches.get(caller, gone.id)
    assert (failed.status, [one.code for one in failed.errors]) == (
        BatchStatus.FAILED,
        ["file_not_found"],
    )


@pytest.mark.parametrize(("most", "expected"), [(None, MAX_UNFINISHED_LINES), (9, 4), (1, 1)])
def test_a_batch_leaves_room_for_other_jobs(
    services: Services, most: int | None, expected: int
) -> None:
    caller = caller_of(services, account_with(services), max_unfinished=most)
    batches, batch = services.core.batches, make(services, caller, 50)

    free = batches.advance(batch.id, may_expire=True).next_lines
    assert free == list(range(1, expected + 1))
    create(services, caller, batch, 1)
    rest = batches.advance(batch.id, may_expire=True)
    assert (len(rest.next_lines), rest.unfinished, rest.done) == (expected - 1, 1, False)
    # Another batch of the account shares the room, but may always make one.
    other = make(services, caller, 50)
    assert len(batches.advance(other.id, may_expire=True).next_lines) == max(1, expected - 1)


def test_an_account_has_so_many_unfinished_batches(services: Services, caller: Caller) -> None:
    new = new_batch(services, caller)
    made = [services.core.batches.create(caller, new) for _ in range(MAX_UNFINISHED_BATCHES)]

    error = refusal(lambda: services.core.batches.create(caller, new))

    assert (error.code, error.retry_after) == (ErrorCode.TOO_MANY_JOBS, 60)
    services.core.batches.cancel(caller, made[0].id)
    finished(services, caller, made[0])
    services.core.batches.create(caller, new)


def refusal(act: Callable[[], object]) -> HinodeError:
    with pytest.raises(HinodeError) as refused:
        act()
    return refused.value


def attempt(services: Services, batch: Batch, **body: Any) -> CreatedLine | LineFailure | None:
    """Make the request of the first line as a worker does."""

    async def run() -> CreatedLine | LineFailure | None:
        async with BatchRequests(build_context(services)).open(batch) as client:
            return await client.create(1, {"prompt": "a fox", **body})

    return asyncio.run(run())


def test_a_request_is_made_once_by_the_rights_that_its_key_has_now(services: Services) -> None:
    caller = caller_of(services, account_with(services), max_unfinished=1)
    batch = make(services, caller, 1)

    made = attempt(services, batch)

    assert isinstance(made, CreatedLine)
    assert attempt(services, batch) == made
    assert services.core.jobs.job(caller, made.job_id).job.priority is Priority.LOW
    other = make(services, caller, 1)
    assert attempt(services, other) is None, "the key has as many jobs as it may: try again later"
    key_id = caller.key_id
    assert key_id is not None
    services.core.keys.revoke(None, key_id)
    refused = attempt(services, other)
    assert isinstance(refused, LineResponse)
    assert (refused.status, refused.body["error"]["code"]) == (401, "invalid_api_key")


def test_the_reason_of_a_line_that_never_ran_is_kept(services: Services, caller: Caller) -> None:
    batch = make(services, caller, 1)
    services.core.batches.record_failed(batch, 1, LineNotRun("why", "Because."))

    (line_result,) = lines_of(services, caller, finished(services, caller, batch))

    assert line_result["error"] == {"code": "why", "message": "Because."}
