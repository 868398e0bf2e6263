"""What jobs, pages and models look like in the OpenAI dialect."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from hinode.api.given_parameters import GivenParameters
from hinode.api.openai import schemas, serializers
from hinode.api.openai.job_failures import failed_answer
from hinode.core.catalog.types import RenderPlan
from hinode.core.jobs.options import JobOptions
from hinode.core.jobs.types import CANCELED, Job, JobDetail, JobError, JobState
from hinode.core.pagination import Page
from hinode.kit.ids import new_id, to_video_id
from hinode.media.types import JobAction, MediaKind

DOCUMENTED = [
    "id", "object", "model", "status", "progress", "created_at", "completed_at", "expires_at",
    "prompt", "size", "seconds", "remixed_from_video_id", "error",
]  # fmt: skip
MOMENT = datetime(2026, 11, 21, 12, 0, 0, 900_000, tzinfo=UTC)
JOB = Job(
    id=UUID("0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"),
    account_id=new_id(),
    key_id=None,
    kind=MediaKind.VIDEO,
    action=JobAction.CREATE,
    parent_id=None,
    state=JobState.QUEUED,
    model="sora-2",
    engine="preview",
    prompt="a fox",
    plan=RenderPlan(1280, 720, 30, 120, 7, 1, False),
    options=JobOptions(),
    progress=0,
    price=100,
    error=None,
    created_at=MOMENT,
    started_at=None,
    ended_at=None,
    deadline_at=MOMENT,
    expires_at=None,
)


def test_a_queued_video_has_every_documented_key_in_order() -> None:
    video = serializers.video(JobDetail(JOB, 3))

    assert list(video)[:13] == DOCUMENTED
    assert video == {
        "id": "video_0199a1b2c3d47e5f8a9b0c1d2e3f4a5b",
        "object": "video",
        "model": "sora-2",
        "status": "queued",
        "progress": 0,
        "created_at": 1795262400,
        "completed_at": None,
        "expires_at": None,
        "prompt": "a fox",
        "size": "1280x720",
        "seconds": "4",
        "remixed_from_video_id": None,
        "error": None,
        "fps": 30,
        "num_frames": 120,
        "seed": 7,
        "priority": "normal",
        "queue_position": 3,
        "remaining_seconds": None,
        "outputs": 1,
        "engine": "preview",
        "upstream": None,
    }


def test_a_completed_video_says_when() -> None:
    job = replace(JOB, state=JobState.COMPLETED, progress=100, ended_at=MOMENT, expires_at=MOMENT)

    video = serializers.video(JobDetail(job, None))

    assert (video["status"], video["progress"]) == ("completed", 100)
    assert video["completed_at"] == video["expires_at"] == 1795262400


@pytest.mark.parametrize(
    ("state", "error"),
    [
        (JobState.FAILED, JobError("render_failed", "Out of paint.")),
        (JobState.CANCELED, CANCELED),
    ],
)
def test_what_ended_badly_is_failed_with_its_code(state: JobState, error: JobError) -> None:
    job = replace(JOB, state=state, error=error, ended_at=MOMENT)

    video = serializers.video(JobDetail(job, None))

    assert video["status"] == "failed"
    assert video["error"] == {"code": error.code, "message": error.message}
    assert video["completed_at"] is None


def test_every_state_has_a_status_that_clients_know() -> None:
    assert set(serializers.STATUSES) == set(JobState)
    assert set(serializers.STATUSES.values()) == {"queued", "in_progress", "completed", "failed"}


@pytest.mark.parametrize("state", JobState)
def test_the_documented_shape_is_the_real_one(state: JobState) -> None:
    error = JobError("code", "message") if state in (JobState.FAILED, JobState.CANCELED) else None
    detail = JobDetail(replace(JOB, state=state, error=error, ended_at=MOMENT), None)

    schemas.Video.model_validate(serializers.video(detail), strict=True)
    optional = {"ignored", *GivenParameters.model_fields}
    assert set(serializers.video(detail)) == set(schemas.Video.model_fields) - optional
    told = serializers.video(detail, ["strength"])
    assert schemas.Video.model_validate(told, strict=True).ignored == ["strength"]
    schemas.VideoList.model_validate(
        serializers.video_page(Page([detail], has_more=True)), strict=True
    )
    schemas.VideoDeleted.model_validate(serializers.deleted("video_1"), strict=True)


def test_a_remix_names_its_parent_and_an_edit_does_not() -> None:
    parent = new_id()
    remix = replace(JOB, action=JobAction.REMIX, parent_id=parent)
    edit = replace(JOB, action=JobAction.EDIT, parent_id=parent)

    assert serializers.video(JobDetail(remix, None))["remixed_from_video_id"] == to_video_id(parent)
    assert serializers.video(JobDetail(edit, None))["remixed_from_video_id"] is None


def test_polling_slows_down_far_back_in_the_queue_but_not_without_end() -> None:
    waits = [serializers.poll_after_ms(JobDetail(JOB, place)) for place in (None, 0, 1, 4, 1000)]

    assert waits == [500, 500, 750, 1500, 5000]


def test_an_empty_page_has_no_first_and_last() -> None:
    empty: Page[JobDetail] = Page([], has_more=False)
    page = serializers.video_page(empty)

    assert page == {
        "object": "list",
        "data": [],
        "first_id": None,
        "last_id": None,
        "has_more": False,
    }


@pytest.mark.parametrize(
    ("upstream", "shown"),
    [("gen4.5", "gen4.5"), ("Wan-AI/Wan2.2", "Wan-AI/Wan2.2"), ("/models/wan-5b", "wan-5b")],
)
def test_a_folder_of_the_host_is_shown_by_its_name_only(upstream: str, shown: str) -> None:
    video = serializers.video(JobDetail(replace(JOB, upstream=upstream), None))

    assert video["upstream"] == shown


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("first_frame_unsupported", 400, "invalid_request_error"),
        ("source_unreadable", 400, "invalid_request_error"),
        ("upstream_refused", 400, "invalid_request_error"),
        ("out_of_memory", 500, "server_error"),
        ("moderation_unavailable", 500, "server_error"),
    ],
)
def test_a_failed_picture_tells_whether_the_request_is_to_be_changed(
    code: str, status: int, kind: str
) -> None:
    failed = replace(JOB, state=JobState.FAILED, error=JobError(code, "why"), ended_at=MOMENT)
    answer = failed_answer(failed)
    error = json.loads(bytes(answer.body))["error"]
    assert (answer.status_code, error["type"], error["code"]) == (status, kind, code)
    assert answer.headers["x-should-retry"] == "false"
