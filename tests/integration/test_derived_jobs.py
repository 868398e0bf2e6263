"""Videos that start from another one, and pictures: what the studio makes of such requests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from hinode import ErrorCode, HinodeError, Services
from hinode.core.auth.types import Caller
from hinode.core.catalog.service import GenerationParams
from hinode.core.jobs.account_admin import AccountCreate
from hinode.core.jobs.options import dump_options, load_options
from hinode.core.jobs.requests import ImageRequest, JobSource, ShotParams, VideoRequest
from hinode.core.jobs.types import Job, JobState
from hinode.media.types import Artifact, ArtifactRole, JobAction, MediaKind, OutputFormat, Style
from tests.integration.test_jobs import render
from tests.support.pictures import input_image, png_bytes


@pytest.fixture
def parent(services: Services, caller: Caller, tmp_path: Path) -> Job:
    params = GenerationParams(seconds="8", size="1280x720", seed=7)
    job = services.core.jobs.create_video(caller, VideoRequest("a fox", params, style=Style.ANIME))
    render(services, job.id, tmp_path)
    return job


def descendant(
    services: Services, caller: Caller, parent: Job, action: JobAction, params: GenerationParams
) -> Job:
    request = VideoRequest("at night", params, source=JobSource(action, parent.id))
    return services.core.jobs.create_video(caller, request)


def test_a_remix_keeps_what_it_does_not_change(
    services: Services, caller: Caller, parent: Job
) -> None:
    remix = descendant(services, caller, parent, JobAction.REMIX, GenerationParams())

    assert remix.plan == parent.plan
    assert (remix.parent_id, remix.action, remix.price) == (parent.id, JobAction.REMIX, 200)
    assert (remix.options.prompt_history, remix.options.style) == (("a fox",), Style.ANIME)
    order = services.core.execution.begin(remix.id)
    assert order is not None
    assert order.source is not None
    assert order.source.job_id == parent.id


def test_a_remix_changes_what_is_asked(services: Services, caller: Caller, parent: Job) -> None:
    params = GenerationParams(model="sora-2-pro", size="1792x1024", seconds="4", seed=9)

    remix = descendant(services, caller, parent, JobAction.REMIX, params)

    assert (str(remix.plan.size), remix.plan.seconds, remix.plan.seed) == ("1792x1024", 4, 9)
    assert remix.price == 300


def gateway_parent(services: Services, caller: Caller, model: str, folder: Path) -> Job:
    job = services.core.jobs.create_video(
        caller, VideoRequest("a fox", GenerationParams(model=model))
    )
    render(services, job.id, folder)
    return job


@pytest.mark.parametrize(
    ("params", "model", "size", "seconds"),
    [
        (GenerationParams(), "sora_video2-landscape-15s", "1280x720", 15),
        (GenerationParams(model="sora_video2"), "sora_video2", "1280x720", 15),
        (GenerationParams(model="sora_video2-portrait"), "sora_video2-portrait", "720x1280", 15),
        (GenerationParams(model="sora_video2-25s"), "sora_video2-25s", "1280x720", 25),
        (GenerationParams(model="sora_video2-hd"), "sora_video2-hd", "1792x1024", 15),
        (GenerationParams(model="sora_video2-pro", hd=True), "sora_video2-pro", "1792x1024", 15),
        (GenerationParams(model="sora-2-pro", hd=True), "sora-2-pro", "1792x1024", 15),
        (GenerationParams(model="sora-2"), "sora-2", "1280x720", 15),
        (GenerationParams(model="sora_video2", duration="10"), "sora_video2", "1280x720", 10),
    ],
)
def test_a_remix_takes_from_a_models_name_only_what_it_says(
    services: Services,
    caller: Caller,
    tmp_path: Path,
    params: GenerationParams,
    model: str,
    size: str,
    seconds: int,
) -> None:
    parent = gateway_parent(services, caller, "sora_video2-landscape-15s", tmp_path)

    remix = descendant(services, caller, parent, JobAction.REMIX, params)

    assert (remix.model, str(remix.plan.size), remix.plan.seconds) == (model, size, seconds)


def test_a_remix_is_not_longer_than_its_model_can(
    services: Services, caller: Caller, parent: Job, tmp_path: Path
) -> None:
    longer = descendant(
        services, caller, parent, JobAction.EXTENSION, GenerationParams(seconds="20")
    )
    render(services, longer.id, tmp_path)

    assert (
        descendant(services, caller, longer, JobAction.REMIX, GenerationParams()).plan.seconds == 28
    )
    with pytest.raises(HinodeError) as refused:
        descendant(services, caller, longer, JobAction.REMIX, GenerationParams(model="sora_video2"))
    assert refused.value.param == "seconds"


def test_an_extension_adds_to_its_parent_and_pays_for_the_new_part(
    services: Services, caller: Caller, parent: Job, tmp_path: Path
) -> None:
    longer = descendant(
        services, caller, parent, JobAction.EXTENSION, GenerationParams(seconds="12")
    )
    render(services, longer.id, tmp_path)
    longest = descendant(
        services, caller, longer, JobAction.EXTENSION, GenerationParams(seconds="4")
    )

    assert (longer.plan.seconds, longer.options.kept_frames, longer.price) == (20, 240, 300)
    assert (longest.plan.seconds, longest.options.kept_frames, longest.price) == (24, 600, 100)
    assert longest.options.prompt_history == ("a fox", "at night")


def test_an_extension_has_its_parents_size_and_an_end(
    services: Services, caller: Caller, parent: Job, tmp_path: Path
) -> None:
    with pytest.raises(HinodeError) as refused:
        descendant(services, caller, parent, JobAction.EXTENSION, GenerationParams(size="720x1280"))
    assert refused.value.param == "size"

    longest = parent
    for _ in range(5):
        longest = descendant(
            services, caller, longest, JobAction.EXTENSION, GenerationParams(seconds="20")
        )
        render(services, longest.id, tmp_path)
    with pytest.raises(HinodeError) as refused:
        descendant(services, caller, longest, JobAction.EXTENSION, GenerationParams(seconds="20"))
    assert refused.value.param == "seconds"
    assert longest.plan.seconds == 108


def test_only_a_finished_video_of_ones_own_can_be_a_parent(
    services: Services, caller: Caller, parent: Job
) -> None:
    waiting = services.core.jobs.create_video(caller, VideoRequest("a dog", GenerationParams()))
    with pytest.raises(HinodeError) as refused:
        descendant(services, caller, waiting, JobAction.REMIX, GenerationParams())
    assert refused.value.code is ErrorCode.NOT_READY

    services.core.jobs.delete(caller, parent.id)
    with pytest.raises(HinodeError) as refused:
        descendant(services, caller, parent, JobAction.REMIX, GenerationParams())
    assert refused.value.code is ErrorCode.JOB_NOT_FOUND


def test_a_storyboard_is_kept_in_frames(services: Services, caller: Caller) -> None:
    shots = (ShotParams("a fox wakes", 5.0), ShotParams("it runs", 7.0))
    request = VideoRequest("a fox", GenerationParams(seconds="12"), shots=shots)

    job = services.core.jobs.job(caller, services.core.jobs.create_video(caller, request).id).job

    assert [shot.frames for shot in job.options.shots] == [150, 210]


def test_pictures_are_jobs_too(services: Services, caller: Caller, tmp_path: Path) -> None:
    request = ImageRequest(
        "a fox",
        GenerationParams(outputs=3),
        references=(
            input_image(tmp_path, png_bytes(64, 64)),
            input_image(tmp_path, png_bytes(32, 32), index=1),
        ),
        mask=input_image(tmp_path, png_bytes(64, 64), ArtifactRole.MASK),
        picture_format=OutputFormat.WEBP,
        picture_quality=80,
    )

    job = services.core.jobs.create_image(caller, request)

    assert (job.kind, job.state, job.plan.outputs) == (MediaKind.IMAGE, JobState.QUEUED, 3)
    assert job.price == 15
    order = services.core.execution.begin(job.id)
    assert order is not None
    assert {(one.role, one.output) for one in order.inputs} == {
        (ArtifactRole.UPLOAD, 0),
        (ArtifactRole.UPLOAD, 1),
        (ArtifactRole.MASK, 0),
    }
    assert order.job.options.picture_format is OutputFormat.WEBP
    videos = services.core.jobs.list_videos(caller, limit=9, after=None, ascending=True)
    assert videos.items == []


def render_all(services: Services, job_id: UUID, folder: Path) -> None:
    """Do what a worker does with a job of several outputs."""
    order = services.core.execution.begin(job_id)
    assert order is not None
    files = []
    for output in range(order.job.plan.outputs):
        path = folder / f"{output}.mp4"
        path.write_bytes(b"film")
        files.append(Artifact(output, ArtifactRole.VIDEO, path, "video/mp4", 64, 64, 120, 4.0))
    assert services.core.execution.complete(order.job, files)


def test_a_published_video_may_be_remixed_by_others_without_its_characters(
    services: Services, caller: Caller, tmp_path: Path
) -> None:
    params = GenerationParams(seconds="4", outputs=2)
    job = services.core.jobs.create_video(caller, VideoRequest("a fox", params))
    render_all(services, job.id, tmp_path)
    other = services.core.accounts.create(AccountCreate("other", unlimited=True)).account
    stranger = replace(caller, account_id=other.id, key_id=None)
    start = JobSource(JobAction.REMIX, job.id, output=1, owner=job.account_id)

    unpublished = VideoRequest("at night", GenerationParams(), source=replace(start, owner=None))
    with pytest.raises(HinodeError) as refused:
        services.core.jobs.create_video(stranger, unpublished)
    beyond = VideoRequest("at night", GenerationParams(), source=replace(start, output=2))
    with pytest.raises(HinodeError, match="no such video"):
        services.core.jobs.create_video(stranger, beyond)
    remix = services.core.jobs.create_video(
        stranger, VideoRequest("at night", GenerationParams(), source=start)
    )

    assert refused.value.code is ErrorCode.JOB_NOT_FOUND
    assert (remix.account_id, remix.parent_id) == (other.id, job.id)
    order = services.core.execution.begin(remix.id)
    assert order is not None
    assert order.source is not None
    assert (order.source.job_id, order.source.output) == (job.id, 1)
    assert load_options(dump_options(remix.options)) == remix.options
