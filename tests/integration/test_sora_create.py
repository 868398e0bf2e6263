"""Creates of the Sora dialect over real HTTP: every documented field, every rule, every refusal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from hinode.api.sora.create import schemas
from hinode.core.accounts.types import Plan
from hinode.core.jobs.types import JobState
from hinode.kit.ids import encode_id, encode_short_id, new_id, to_video_id
from hinode.media.types import JobAction, MediaKind, Style
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.sora_creation import (
    CREATE,
    PICTURE,
    STORYBOARD,
    job_id_of,
    job_of,
    made,
    member,
    open_sora,
    refused,
)

CREATES = ("/nf/create", "/nf/bulk_create", "/nf/create/storyboard", "/video_gen")
BODIES = (CREATE, CREATE, STORYBOARD, PICTURE)
EXTENSION = f"/project_y/profile/drafts/{encode_short_id('gen_', UUID(int=1))}/long_video_extension"
EXTEND = {"user_prompt": "it runs away", "extension_duration_s": 10, "enable_rewrite": True}


@pytest.fixture(scope="module")
def sora(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with open_sora(tmp_path_factory.mktemp("sora"), workers=False) as server:
        yield server


@pytest.fixture(scope="module")
def client(sora: LiveServer) -> Iterator[httpx.Client]:
    with member(sora) as one:
        yield one


@pytest.fixture(scope="module")
def pro(sora: LiveServer) -> Iterator[httpx.Client]:
    with member(sora, Plan.PRO) as one:
        yield one


def test_the_seeds_body_makes_a_video(client: httpx.Client, sora: LiveServer) -> None:
    started = time.monotonic()
    answer = client.post("/nf/create", json=CREATE)
    assert time.monotonic() - started < 5.0

    task_id = made(answer)
    task = schemas.CreatedTask.model_validate(answer.json())
    assert (task.task_type, task.priority) == ("video_gen", 2)
    assert task.rate_limit_and_credit_balance.rate_limit_reached is False
    job = job_of(sora, task_id)
    assert (job.kind, job.model, job.prompt) == (MediaKind.VIDEO, "sy_8", "A cat dancing")
    assert (str(job.plan.size), job.plan.frames, job.plan.fps) == ("640x352", 450, 30)
    assert (job.options.style, job.options.shots, job.state) == (None, (), JobState.QUEUED)


def test_it_is_pending_when_the_answer_comes_and_a_video_of_the_openai_dialect(
    client: httpx.Client, sora: LiveServer
) -> None:
    task_id = made(client.post("/nf/create", json=CREATE))

    assert task_id in [task["id"] for task in client.get("/nf/pending/v2").json()]
    video_id = to_video_id(job_id_of(task_id))
    video = patient.get(
        f"{sora.url}/v1/videos/{video_id}",
        headers={"authorization": client.headers["authorization"]},
    ).json()
    assert (video["size"], video["seconds"], video["model"]) == ("640x352", "15", "sy_8")
    assert video["prompt"] == "A cat dancing"


def test_the_seeds_storyboard_makes_shots(client: httpx.Client, sora: LiveServer) -> None:
    job = job_of(sora, made(client.post("/nf/create/storyboard", json=STORYBOARD)))

    assert [(shot.prompt, shot.frames) for shot in job.options.shots] == [("Cat jumping", 450)]
    assert (job.prompt, str(job.plan.size)) == ("Cat jumping", "640x352")


def test_the_shots_of_a_wrapped_storyboard_share_its_frames(
    client: httpx.Client, sora: LiveServer
) -> None:
    first = "Shot 1:\r\nduration: 5.0sec\r\nScene: 一只猫"
    second = "Shot 2:\r\nduration: 10.0sec\r\nScene: 雨"
    prompt = f"current timeline:\r\n{first}\r\n\r\n{second}\r\n\r\ninstructions:\r\n在东京"

    body = {**STORYBOARD, "prompt": prompt, "n_frames": 300, "orientation": "portrait"}
    job = job_of(sora, made(client.post("/nf/create/storyboard", json=body)))

    assert [(shot.prompt, shot.frames) for shot in job.options.shots] == [
        ("一只猫", 100),
        ("雨", 200),
    ]
    assert (job.prompt, str(job.plan.size)) == ("在东京", "352x640")


def test_a_prompt_without_shots_is_no_storyboard(client: httpx.Client) -> None:
    answer = client.post("/nf/create/storyboard", json={**STORYBOARD, "prompt": "a cat"})

    assert "Shot 1:" in refused(answer, 400, "invalid_request", "prompt")


@pytest.mark.parametrize(
    ("given", "size", "frames"),
    [
        ({}, "352x640", 300),
        ({"model": "sy_8_20251208"}, "352x640", 300),
        ({"n_frames": 150}, "352x640", 150),
        ({"n_frames": "600", "orientation": "LANDSCAPE"}, "640x352", 600),
        ({"orientation": "square", "size": "medium"}, "480x480", 300),
        ({"model": "sora-2", "orientation": "landscape"}, "1280x720", 120),
    ],
)
def test_what_is_not_said_is_as_documented(
    client: httpx.Client, sora: LiveServer, given: dict[str, Any], size: str, frames: int
) -> None:
    job = job_of(sora, made(client.post("/nf/create", json={"prompt": "a cat", **given})))

    assert (str(job.plan.size), job.plan.frames) == (size, frames)


def test_every_other_documented_field_is_let_pass(client: httpx.Client) -> None:
    nulls = ["title", "remix_target_id", "reroll_target_id", "project_id", "project_config"]
    nulls += ["trim_config", "metadata", "cameo_ids", "cameo_replacements", "audio_caption"]
    nulls += ["audio_transcript", "video_caption", "i2v_reference_instruction", "operation"]
    nulls += ["remix_prompt_template", "storyboard_id", "style_id", "nsamples"]
    given = {
        "reroll_target_id": encode_short_id("task_", new_id()),
        "title": "New Video",
        "metadata": {"a": [1]},
        "cameo_ids": [],
        "cameo_replacements": {},
        "use_image_as_first_frame": False,
        "audio_caption": "birds",
        "something_new": {"deep": None},
    }

    made(client.post("/nf/create", json={**CREATE, **dict.fromkeys(nulls)}))
    made(client.post("/nf/create", json={**CREATE, **given}))


@pytest.mark.parametrize("style", [*[one.value for one in Style], "vintage"])
def test_styles(client: httpx.Client, sora: LiveServer, style: str) -> None:
    job = job_of(sora, made(client.post("/nf/create", json={**CREATE, "style_id": style})))

    assert job.options.style is (Style.RETRO if style == "vintage" else Style(style))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"openai-sentinel-token": "a1B2c3D4e5F6"},
        {"OpenAI-Sentinel-Token": '{"p":"x","t":"y","c":"z","id":"i","flow":"f"}'},
        {
            "accept": "text/html,application/xhtml+xml,*/*;q=0.8",
            "oai-device-id": "00000000-0000-4000-8000-000000000000",
            "origin": "https://sora.chatgpt.com",
            "cookie": "oai-did=1",
            "connection": "Upgrade, HTTP2-Settings",
            "upgrade": "h2c",
        },
    ],
    ids=["none", "random", "json", "browser"],
)
def test_headers_of_real_clients_make_no_difference(
    client: httpx.Client, headers: dict[str, str]
) -> None:
    made(client.post("/nf/create", json=CREATE, headers=headers))


def test_several_samples_are_one_task(client: httpx.Client, sora: LiveServer) -> None:
    answer = client.post("/nf/bulk_create", json={**CREATE, "nsamples": 3})

    many = schemas.CreatedTasks.model_validate(answer.json())
    job = job_of(sora, many.id)
    assert (many.ids, job.plan.outputs) == ([many.id], 3)
    assert many.generation_ids == [encode_short_id("gen_", job.id, place) for place in range(3)]


def test_content_is_never_refused_when_it_is_asked_for(client: httpx.Client) -> None:
    made(client.post("/nf/create", json={**CREATE, "prompt": "something violent with @nobody"}))


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"prompt": None}, "prompt"),
        ({"prompt": "  "}, "prompt"),
        ({"prompt": "a\x00b"}, "prompt"),
        ({"prompt": "a" * 32_001}, "prompt"),
        ({"prompt": 7}, "prompt"),
        ({"kind": "image"}, "kind"),
        ({"model": "sy_9"}, "model"),
        ({"model": "sora_image"}, "model"),
        ({"orientation": "round"}, "orientation"),
        ({"size": "huge"}, "size"),
        ({"n_frames": 301}, "n_frames"),
        ({"n_frames": "many"}, "n_frames"),
        ({"n_frames": 10**30}, "n_frames"),
        ({"style_id": "noir"}, "style_id"),
        ({"nsamples": 5}, "nsamples"),
        ({"nsamples": 0}, "nsamples"),
        ({"inpaint_items": "x"}, "inpaint_items"),
        ({"inpaint_items": [7]}, "inpaint_items[0]"),
        ({"inpaint_items": [{"kind": "upload"}]}, "inpaint_items[0].upload_id"),
        ({"inpaint_items": [{"kind": "upload", "upload_id": 7}]}, "inpaint_items[0].upload_id"),
        ({"inpaint_items": [{"kind": "reference"}]}, "inpaint_items[0].kind"),
        ({"inpaint_items": [{"kind": "upload", "upload_id": "a"}] * 2}, "inpaint_items"),
        ({"cameo_ids": "ch_1"}, "cameo_ids"),
        ({"cameo_ids": [7]}, "cameo_ids[0]"),
        ({"cameo_ids": ["ch_0"] * 3}, "cameo_ids"),
        ({"remix_target_id": 7}, "remix_target_id"),
    ],
)  # fmt: skip
def test_malformed_bodies_are_refused_by_field(
    client: httpx.Client, given: dict[str, Any], param: str
) -> None:
    answer = client.post("/nf/create", json={**CREATE, **given})

    code = "model_not_found" if given == {"model": "sy_9"} else "invalid_request"
    refused(answer, 400, code, param)


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"remix_target_id": "s_690d100857248191b679e6de12db840e"}, "remix_target_id"),
        ({"remix_target_id": encode_short_id("gen_", new_id())}, "remix_target_id"),
        ({"remix_target_id": encode_short_id("task_", new_id())}, "remix_target_id"),
        ({"remix_target_id": "nonsense"}, "remix_target_id"),
        ({"cameo_ids": [encode_id("ch_", new_id())]}, "cameo_ids"),
        ({"cameo_ids": ["nobody"]}, "cameo_ids[0]"),
        (
            {
                "inpaint_items": [
                    {"kind": "upload", "upload_id": encode_short_id("media_", new_id())}
                ]
            },
            "inpaint_items[0].upload_id",
        ),
        (
            {"inpaint_items": [{"kind": "file", "file_id": encode_id("file_", new_id())}]},
            "inpaint_items[0].file_id",
        ),
        (
            {"inpaint_items": [{"kind": "generation", "generation_id": "gen_1"}]},
            "inpaint_items[0].generation_id",
        ),
    ],
    ids=["post", "gen", "task", "junk", "cameo", "bad-cameo", "upload", "file", "generation"],
)
def test_what_is_not_there_is_not_found(
    client: httpx.Client, given: dict[str, Any], param: str
) -> None:
    refused(client.post("/nf/create", json={**CREATE, **given}), 404, "not_found", param)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff"])
@pytest.mark.parametrize("path", [*CREATES, EXTENSION, "/editor/enhance_prompt"])
def test_bodies_that_are_none_are_refused(client: httpx.Client, path: str, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    refused(client.post(path, content=body, headers=headers), 400, "invalid_request", None)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        *zip(CREATES, BODIES, strict=True),
        (EXTENSION, EXTEND),
        ("/editor/enhance_prompt", {"prompt": "a cat"}),
    ],
)
def test_without_a_good_token_nothing_is_made(
    sora: LiveServer, path: str, body: dict[str, Any]
) -> None:
    for headers in ({}, {"authorization": "Bearer sk-wrong"}):
        answer = patient.post(f"{sora.url}/backend{path}", json=body, headers=headers)
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "token_invalidated"


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"model": "sy_ore"}, "model"),
        ({"size": "large"}, "size"),
        ({"n_frames": 750}, "n_frames"),
    ],
)
def test_pro_rules_by_plan(
    client: httpx.Client, pro: httpx.Client, given: dict[str, Any], param: str
) -> None:
    refused(client.post("/nf/create", json={**CREATE, **given}), 403, "plan_required", param)
    body = {**STORYBOARD, **given}
    refused(client.post("/nf/create/storyboard", json=body), 403, "plan_required", param)

    answer = pro.post("/nf/create", json={**CREATE, **given})
    made(answer)
    assert answer.json()["priority"] == 2


def test_the_largest_video_of_the_pro_model(pro: httpx.Client, sora: LiveServer) -> None:
    body = {**CREATE, "model": "sy_ore", "size": "large", "n_frames": 750}

    job = job_of(sora, made(pro.post("/nf/create", json=body)))

    assert (str(job.plan.size), job.plan.frames) == ("1280x704", 750)


def test_the_limits_of_a_key_hold_here_too(sora: LiveServer) -> None:
    with member(sora, models=("sora-2",)) as limited:
        refused(limited.post("/nf/create", json=CREATE), 403, "model_not_allowed", "model")
    with member(sora, spend_total=400) as spender:
        made(spender.post("/nf/create", json=CREATE))
        spent = spender.post("/nf/create", json=CREATE)
    assert spent.status_code == 429
    assert spent.json()["error"]["code"] == spent.json()["type"] == "rate_limit_exhausted"


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [
        (360, 360, "1024x1024"),
        (540, 360, "1536x1024"),
        (360, 540, "1024x1536"),
        (480, 720, "1024x1536"),
    ],
)
def test_the_seeds_pictures(
    client: httpx.Client, sora: LiveServer, width: int, height: int, size: str
) -> None:
    answer = client.post("/video_gen", json={**PICTURE, "width": width, "height": height})

    job = job_of(sora, made(answer))
    assert schemas.CreatedTask.model_validate(answer.json()).task_type == "image_gen"
    assert (job.kind, str(job.plan.size), job.plan.outputs) == (MediaKind.IMAGE, size, 1)
    recent = client.get("/v2/recent_tasks?limit=20").json()["task_responses"]
    assert answer.json()["id"] in [task["id"] for task in recent]


def test_several_pictures_are_one_task(client: httpx.Client, sora: LiveServer) -> None:
    job = job_of(sora, made(client.post("/video_gen", json={**PICTURE, "n_variants": 4})))

    assert job.plan.outputs == 4


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"type": "video_gen"}, "type"),
        ({"operation": "extend"}, "operation"),
        ({"operation": "remix"}, "inpaint_items"),
        ({"prompt": ""}, "prompt"),
        ({"width": 0}, "width"),
        ({"height": 5_000}, "height"),
        ({"n_variants": 5}, "n_variants"),
        ({"n_frames": 300}, "n_frames"),
        ({"inpaint_items": [{"type": "image"}]}, "inpaint_items[0].upload_media_id"),
        ({"inpaint_items": [{"upload_media_id": "x"}] * 5}, "inpaint_items"),
    ],
)
def test_malformed_pictures_are_refused_by_field(
    client: httpx.Client, given: dict[str, Any], param: str
) -> None:
    refused(client.post("/video_gen", json={**PICTURE, **given}), 400, "invalid_request", param)


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"user_prompt": ""}, "user_prompt"),
        ({"user_prompt": 7}, "user_prompt"),
        ({"extension_duration_s": 12}, "extension_duration_s"),
        ({"extension_duration_s": None}, "extension_duration_s"),
    ],
)
def test_malformed_extensions_are_refused_by_field(
    client: httpx.Client, given: dict[str, Any], param: str
) -> None:
    refused(client.post(EXTENSION, json={**EXTEND, **given}), 400, "invalid_request", param)


def test_an_extension_of_what_is_not_there_or_not_done_is_refused(
    client: httpx.Client, sora: LiveServer
) -> None:
    refused(client.post(EXTENSION, json=EXTEND), 404, "not_found", "generation_id")
    job_id = job_id_of(made(client.post("/nf/create", json=CREATE)))
    path = f"/project_y/profile/drafts/{encode_short_id('gen_', job_id)}/long_video_extension"

    refused(client.post(path, json=EXTEND), 400, "not_ready", "generation_id")
    with member(sora) as other:
        refused(other.post(path, json=EXTEND), 404, "not_found", "generation_id")
    assert job_of(sora, encode_short_id("task_", job_id)).action is JobAction.CREATE
