"""From jobs to the documented objects of the tasks dialect, key for key."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from hinode.api.cursor_pages import parse_uuid
from hinode.api.data_urls import decode_data_url
from hinode.api.request_errors import RequestError
from hinode.api.tasks import serializers
from hinode.api.tasks.first_frame import MAX_BYTES, check_image
from hinode.api.tasks.schemas import parse_create, parse_list
from hinode.api.usage import parse_period
from hinode.api.values import Fields
from hinode.core.catalog.types import RenderPlan
from hinode.core.errors import HinodeError
from hinode.core.jobs.options import Callback, JobOptions, dump_options, load_options
from hinode.core.jobs.types import CANCELED, Job, JobError, JobState
from hinode.kit.spool import Spooled
from hinode.media.types import JobAction, MediaKind
from tests.support.pictures import claiming_png, png_bytes
from tests.support.tasks import task_body

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TODAY = NOW.date()
ID = UUID("7d89c51e-9430-710e-909e-df347131ebaa")
JOB = Job(
    id=ID,
    account_id=UUID(int=1),
    key_id=None,
    kind=MediaKind.VIDEO,
    action=JobAction.CREATE,
    parent_id=None,
    state=JobState.QUEUED,
    model="sora-2",
    engine="preview",
    prompt="无人机航拍",
    plan=RenderPlan(1280, 720, 30, 240, 7, 1, False),
    options=JobOptions(),
    progress=0,
    price=200,
    error=None,
    created_at=NOW,
    started_at=None,
    ended_at=None,
    deadline_at=NOW + timedelta(hours=1),
    expires_at=None,
)
HEAD = {"id": str(ID), "model": "sora-2", "created_at": 1795262400}


@pytest.mark.from_captured_traffic
@pytest.mark.parametrize(
    ("state", "percent", "status", "progress"),
    [
        (JobState.QUEUED, 0, "pending", None),
        (JobState.RUNNING, 0, "processing", None),
        (JobState.RUNNING, 40, "processing", 40),
    ],
)
def test_an_unfinished_task_has_no_progress_until_it_is_known(
    state: JobState, percent: int, status: str, progress: int | None
) -> None:
    task = serializers.task(replace(JOB, state=state, progress=percent), [])

    assert task == {**HEAD, "status": status, "progress": progress}
    assert list(task) == ["id", "status", "model", "created_at", "progress"]


@pytest.mark.from_captured_traffic
def test_a_completed_task_has_its_urls_and_metadata() -> None:
    job = replace(JOB, state=JobState.COMPLETED, progress=100, ended_at=NOW + timedelta(minutes=1))

    task = serializers.task(job, ["https://one"])

    output = {"urls": ["https://one"], "metadata": {"duration": 8, "prompt": "无人机航拍"}}
    assert task == {**HEAD, "status": "completed", "completed_at": 1795262460, "output": output}
    assert list(task) == ["id", "status", "model", "created_at", "completed_at", "output"]


@pytest.mark.parametrize(
    ("state", "error", "code"),
    [
        (JobState.FAILED, JobError("moderation_blocked", "No."), "upstream_error"),
        (JobState.FAILED, JobError("deadline_exceeded", "No."), "upstream_error"),
        (JobState.FAILED, JobError("internal_error", "No."), "internal_error"),
        (JobState.CANCELED, CANCELED, "canceled"),
        (JobState.FAILED, None, "upstream_error"),
    ],
)
def test_a_failed_task_says_why(state: JobState, error: JobError | None, code: str) -> None:
    task = serializers.task(replace(JOB, state=state, error=error), [])

    message = error.message if error else "Video generation failed"
    assert task == {**HEAD, "status": "failed", "error": {"code": code, "message": message}}
    assert list(task) == ["id", "status", "model", "created_at", "error"]


def test_every_state_has_a_status() -> None:
    assert set(serializers.STATUSES) == set(JobState)


@pytest.mark.from_captured_traffic
@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "'model' is required."),
        ({"model": ""}, "'model' is required."),
        ({"model": "sora-2"}, "'input' is required."),
        ({"model": "sora-2", "input": {}}, "'input' is required."),
        (task_body(prompt=""), "'prompt' is required."),
        (task_body(duration=None), "'duration' is required."),
        (task_body(aspect_ratio=None), "'aspect_ratio' is required."),
        (task_body(aspect_ratio="1:1"), "'aspect_ratio' is '16:9' or '9:16', not '1:1'."),
        (
            task_body(prompt="x" * (5_000 + 1)),
            "'prompt' has 5001 characters; at most 5000 are allowed.",
        ),
        (
            task_body(image_urls=["https://a", "https://b"]),
            "'image_urls' takes one image, the first frame, not 2.",
        ),
    ],
)
def test_what_is_missing_or_wrong_is_named(fields: Fields, message: str) -> None:
    with pytest.raises(HinodeError) as caught:
        parse_create(fields)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    "fields",
    [
        {"model": 2},
        {"model": "sora-2", "input": "a fox"},
        task_body(image_urls={"name": "a"}),
        task_body(image_urls=[3]),
        task_body(duration=4.5),
        {**task_body(), "callback_url": 5},
    ],
)
def test_values_of_another_type_are_refused(fields: Fields) -> None:
    with pytest.raises(RequestError):
        parse_create(fields)


def test_the_longest_prompt_is_taken() -> None:
    assert len(parse_create(task_body(prompt="光" * 5_000)).input.prompt) == 5_000


def test_only_the_same_request_has_the_same_fingerprint() -> None:
    first = parse_create(task_body(duration=8)).fingerprint()

    assert parse_create(task_body(duration="8")).fingerprint() == first
    assert parse_create(task_body(duration=4)).fingerprint() != first
    other = parse_create({**task_body(duration=8), "callback_url": "https://a.example"})
    assert other.fingerprint() != first


@pytest.mark.from_captured_traffic
@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"GIF89a" + b"\0" * 40, "JPEG, PNG, WebP, HEIC or AVIF"),
        (b"", "JPEG, PNG, WebP, HEIC or AVIF"),
        (png_bytes(300, 400) + b"\0" * MAX_BYTES, "10 MB"),
        (png_bytes(299, 400), "short side"),
        (claiming_png(751, 300), "between 2:5 and 5:2"),
        (claiming_png(300, 751), "between 2:5 and 5:2"),
        (png_bytes(300, 300)[:20], "damaged"),
    ],
)
def test_each_rule_of_pictures_has_its_own_message(data: bytes, rule: str) -> None:
    with pytest.raises(HinodeError) as caught:
        check_image(Spooled.of(data))

    assert rule in str(caught.value)


@pytest.mark.parametrize("size", [(300, 750), (750, 300), (300, 300), (1920, 1080)])
def test_pictures_at_the_edge_of_the_rules_pass(size: tuple[int, int]) -> None:
    check_image(Spooled.of(claiming_png(*size)))


def test_a_broken_data_url_is_refused() -> None:
    for url in ("data:image/png,abc", "data:image/png;base64,@@@"):
        with pytest.raises(HinodeError):
            decode_data_url(url, "image_urls")


def test_ids_are_uuids_with_dashes() -> None:
    assert parse_uuid(str(ID)) == ID
    assert parse_uuid(str(ID).upper()) == ID
    for other in (ID.hex, f"video_{ID.hex}", "", f"{{{ID}}}", "x"):
        assert parse_uuid(other) is None


def test_a_page_is_asked_for_by_status_model_and_cursor() -> None:
    parsed = parse_list({"status": "failed", "limit": "5", "cursor": str(ID), "model": "x"})
    query = parsed.job_query(parsed.model)

    assert set(query.states) == {JobState.FAILED, JobState.CANCELED}
    assert (query.limit, query.after, query.model) == (5, ID, "x")
    assert not parse_list({}).job_query(None).states


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "101"}, {"limit": "x"}, {"status": "done"}, {"cursor": "1"}]
)
def test_a_bad_page_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(HinodeError):
        parse_list(query).job_query(None)


def test_a_period_is_the_last_thirty_days_unless_said() -> None:
    assert parse_period({}, TODAY).first == date(2026, 10, 23)
    assert parse_period({}, TODAY).last == TODAY
    given = parse_period({"from": "2026-01-01", "to": "2026-02-28"}, TODAY)
    assert (given.first, given.last) == (date(2026, 1, 1), date(2026, 2, 28))


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2026-02-30"},
        {"from": "yesterday"},
        {"from": "2026-03-02", "to": "2026-03-01"},
        {"from": "2024-01-01", "to": "2026-01-01"},
        {"to": "0001-01-01"},
        {"to": "9999-12-31"},
    ],
)
def test_a_bad_period_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(HinodeError):
        parse_period(query, TODAY)


def test_a_callback_survives_the_database() -> None:
    options = JobOptions(callback=Callback("https://a.example/hook", "http://here/"))

    assert load_options(dump_options(options)) == options
