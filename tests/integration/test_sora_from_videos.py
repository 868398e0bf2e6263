"""Remixes and extensions over the Sora dialect: of own videos, and of what others published."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from hinode.api.sora.drafts import schemas
from hinode.core.accounts.types import Plan
from hinode.core.assets import repository as assets
from hinode.core.jobs.types import Job, JobState
from hinode.core.posts import repository as posts
from hinode.kit.ids import decode_id, encode_short_id
from hinode.media.parameters import RenderParameters
from hinode.media.types import ArtifactRole, JobAction, Style
from hinode.testing.server import LiveServer
from tests.support.sora_creation import (
    CREATE,
    PICTURE,
    finished,
    job_of,
    made,
    member,
    open_sora,
    refused,
)


@pytest.fixture(scope="module")
def sora(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with open_sora(tmp_path_factory.mktemp("sora"), workers=True) as server:
        yield server


@pytest.fixture(scope="module")
def client(sora: LiveServer) -> Iterator[httpx.Client]:
    with member(sora) as one:
        yield one


@pytest.fixture(scope="module")
def parent(client: httpx.Client, sora: LiveServer) -> Job:
    body = {**CREATE, "nsamples": 2, "style_id": "anime"}
    job = finished(sora, made(client.post("/nf/bulk_create", json=body)))
    assert job.state is JobState.COMPLETED
    return job


@pytest.fixture(scope="module")
def post_id(client: httpx.Client, parent: Job) -> str:
    generation = encode_short_id("gen_", parent.id, 1)
    body = {"attachments_to_create": [{"generation_id": generation, "kind": "sora"}]}
    answer = client.post("/project_y/post", json={**body, "post_text": ""})
    assert answer.status_code == 200, answer.text
    found: str = answer.json()["post"]["id"]
    return found


def remix_of(target: str, **given: Any) -> dict[str, Any]:
    """The seed document's body of a remix."""
    return {
        "kind": "video",
        "prompt": "Make it more dramatic",
        "inpaint_items": [],
        "remix_target_id": target,
        "cameo_ids": [],
        "cameo_replacements": {},
        "model": "sy_8",
        "orientation": "portrait",
        "n_frames": 450,
        "style_id": None,
        **given,
    }


def test_a_published_video_is_remixed_by_somebody_else(
    sora: LiveServer, parent: Job, post_id: str
) -> None:
    with member(sora) as other:
        task_id = made(other.post("/nf/create", json=remix_of(post_id)))

        job = finished(sora, task_id)
        assert (job.state, job.action) == (JobState.COMPLETED, JobAction.REMIX)
        assert (job.parent_id, job.options.source_output) == (parent.id, 1)
        assert job.account_id != parent.account_id
        assert (str(job.plan.size), job.plan.frames) == ("352x640", 450)
        drafts = other.get("/project_y/profile/drafts?limit=15").json()["items"]
        (draft,) = [one for one in drafts if one["task_id"] == task_id]
        schemas.DraftItem.model_validate(draft)
        assert draft["creation_config"]["remix_target_post"] == {"id": post_id}
        refused(
            other.post("/nf/create", json=remix_of(encode_short_id("gen_", parent.id))),
            404,
            "not_found",
            "remix_target_id",
        )


def test_a_remix_is_counted_and_a_post_taken_back_cannot_be_remixed(
    client: httpx.Client, sora: LiveServer, parent: Job
) -> None:
    generation = encode_short_id("gen_", parent.id)
    body = {"attachments_to_create": [{"generation_id": generation, "kind": "sora"}]}
    post = client.post("/project_y/post", json={**body, "post_text": ""}).json()["post"]["id"]
    made(client.post("/nf/create", json=remix_of(post)))
    with sora.services.db.read() as conn:
        found = decode_id("s_", post)
        assert found is not None
        post_row = posts.find(conn, found)
    assert post_row is not None
    assert post_row.remixes == 1
    assert client.delete(f"/project_y/post/{post}").status_code in (200, 204)

    refused(client.post("/nf/create", json=remix_of(post)), 404, "not_found", "remix_target_id")


@pytest.mark.parametrize("prefix", ["gen_", "task_"])
def test_an_own_video_is_remixed_by_its_id(
    client: httpx.Client, sora: LiveServer, parent: Job, prefix: str
) -> None:
    bare = {"prompt": "at night", "remix_target_id": encode_short_id(prefix, parent.id)}

    job = job_of(sora, made(client.post("/nf/create", json=bare)))

    # What is not asked for is as in the parent: shape, length and style.
    assert (str(job.plan.size), job.plan.frames) == ("640x352", 450)
    assert (job.options.style, job.parent_id) == (Style.ANIME, parent.id)


def test_a_remix_has_no_picture(client: httpx.Client, parent: Job) -> None:
    item = {"kind": "generation", "generation_id": encode_short_id("gen_", parent.id)}
    body = remix_of(encode_short_id("gen_", parent.id), inpaint_items=[item])

    refused(client.post("/nf/create", json=body), 400, "invalid_request", "remix_target_id")


def test_a_long_remix_needs_the_plan_that_a_long_video_needs(
    sora: LiveServer, client: httpx.Client
) -> None:
    with member(sora, Plan.PRO) as pro:
        long = made(pro.post("/nf/create", json={**CREATE, "n_frames": 750}))
        finished(sora, long)
        generation = long.replace("task_", "gen_")
        body = {"attachments_to_create": [{"generation_id": generation, "kind": "sora"}]}
        answer = pro.post("/project_y/post", json={**body, "post_text": ""})
        post = answer.json()["post"]["id"]
    bare = {"prompt": "at night", "remix_target_id": post}

    refused(client.post("/nf/create", json=bare), 403, "plan_required", "n_frames")
    made(client.post("/nf/create", json={**bare, "n_frames": 450}))


@pytest.mark.parametrize("seconds", [10, 15])
def test_an_extension_keeps_what_is_there(
    client: httpx.Client, sora: LiveServer, parent: Job, seconds: int
) -> None:
    path = f"/project_y/profile/drafts/{encode_short_id('gen_', parent.id, 1)}/long_video_extension"
    body = {"user_prompt": "它跑开了", "extension_duration_s": seconds, "enable_rewrite": True}

    job = finished(sora, made(client.post(path, json=body)))

    assert (job.state, job.action) == (JobState.COMPLETED, JobAction.EXTENSION)
    assert (job.prompt, job.parent_id) == ("它跑开了", parent.id)
    assert (job.options.source_output, job.options.kept_frames) == (1, 450)
    assert job.plan.frames == 450 + seconds * 30


def test_an_extension_takes_parameters_and_keeps_those_it_does_not_name(
    client: httpx.Client, sora: LiveServer
) -> None:
    kept = {"negative_prompt": "rain", "guidance_scale": 5, "seed": 7}
    video = finished(
        sora, made(client.post("/nf/create", json={**CREATE, **kept, "style": "news"}))
    )
    path = f"/project_y/profile/drafts/{encode_short_id('gen_', video.id)}/long_video_extension"
    body = {"user_prompt": "it runs", "extension_duration_s": 10, "enable_rewrite": True}
    more = {"style_id": "anime", "guidance_scale": 3, "generate_audio": False, "num_frames": 9}

    answer = client.post(path, json={**body, **more})

    assert answer.headers["x-hinode-ignored"] == "num_frames"
    job = job_of(sora, made(answer))
    assert (job.options.style, job.plan.seed) == (Style.ANIME, 7)
    assert job.options.parameters == RenderParameters(
        negative_prompt="rain", guidance_scale=3, generate_audio=False
    )
    assert job.options.named == ("seed",)


@pytest.mark.parametrize("kind", ["video", "picture"])
def test_a_generation_is_a_first_frame(
    client: httpx.Client, sora: LiveServer, parent: Job, kind: str
) -> None:
    generation = encode_short_id("gen_", parent.id)
    if kind == "picture":
        picture = finished(sora, made(client.post("/video_gen", json=PICTURE)))
        generation = encode_short_id("gen_", picture.id)
    item = {"kind": "generation", "generation_id": generation}

    job = job_of(sora, made(client.post("/nf/create", json={**CREATE, "inpaint_items": [item]})))

    with sora.services.db.read() as conn:
        (kept,) = [one for one in assets.of_job(conn, job.id) if one.role is ArtifactRole.UPLOAD]
    assert kept.content_type == "image/png"
    with member(sora) as other:
        answer = other.post("/nf/create", json={**CREATE, "inpaint_items": [item]})
        refused(answer, 404, "not_found", "inpaint_items[0].generation_id")


def test_a_failed_video_is_nothing_to_start_from(client: httpx.Client, sora: LiveServer) -> None:
    failed = made(client.post("/nf/create", json={**CREATE, "prompt": "x [fail]"}))
    finished(sora, failed)

    refused(
        client.post("/nf/create", json=remix_of(failed)),
        400,
        "generation_failed",
        "remix_target_id",
    )
