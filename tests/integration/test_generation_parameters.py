"""Generation parameters over HTTP: all dialects read, keep, show, inherit and tell them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import httpx
import pytest

from hinode.core.accounts.types import Plan
from hinode.core.assets import repository as assets
from hinode.core.catalog.capabilities import parameter_support
from hinode.core.catalog.params import GenerationParams
from hinode.core.errors import HinodeError
from hinode.core.jobs.derivation import as_rendered, derive_from_job
from hinode.core.jobs.parameter_fit import fit_request
from hinode.core.jobs.requests import JobSource, VideoRequest
from hinode.core.jobs.types import Job
from hinode.engines.base import Capabilities, Parameter, RenderParameters
from hinode.kit.ids import from_video_id
from hinode.media.parameters import Lora
from hinode.media.types import ArtifactRole, JobAction, Style
from hinode.testing.scripted_engine import ScriptedEngine
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.live import open_live
from tests.support.openai import refused
from tests.support.pictures import png_bytes
from tests.support.sora_creation import ANY_NUMBER, CREATE
from tests.support.tasks import invalid, task_body

PICTURE = png_bytes(1280, 720)
DATA_URL = f"data:image/png;base64,{base64.b64encode(PICTURE).decode()}"
INK = {"ink": "/loras/ink.safetensors"}
GIVEN: dict[str, Any] = {
    "negative_prompt": "rain",
    "num_inference_steps": 30,
    "guidance_scale": 6.5,
    "guidance_scale_2": 3.0,
    "generate_audio": False,
    "style": "anime",
    "lora": [{"name": "ink", "weight": 0.8}],
    "extra_params": {"flow_shift": 3.5},
}
KEPT = RenderParameters(
    num_frames=49,
    fps=24,
    negative_prompt="rain",
    num_inference_steps=30,
    guidance_scale=6.5,
    guidance_scale_2=3.0,
    generate_audio=False,
    lora=(Lora("ink", 0.8, INK["ink"]),),
    extra_params={"flow_shift": 3.5},
)
FRAMES: dict[str, Any] = {"num_frames": 49, "fps": 24}
ENDS_AND_SHOWS = {
    (ArtifactRole.LAST_FRAME, 0), (ArtifactRole.REFERENCE, 0), (ArtifactRole.REFERENCE, 1),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Door:
    """A server whose engines take all parameters (`sora-2`) or none (`plain`)."""

    server: LiveServer
    api: httpx.Client

    def job(self, answer: httpx.Response) -> Job:
        """The job of a create's answer, in whichever dialect."""
        assert answer.status_code == 200, answer.text
        body = answer.json()
        text = body.get("id") or body["data"]["taskId"]
        job_id = from_video_id(text) if text.startswith("video_") else UUID(text)
        assert job_id is not None
        (detail,) = self.server.services.core.jobs.progress_of([job_id])
        return detail.job

    def inputs(self, job: Job) -> set[tuple[ArtifactRole, int]]:
        """The roles and places of a job's images."""
        with self.server.services.db.read() as conn:
            return {(one.role, one.output) for one in assets.inputs_of(conn, job.id)}

    def newest(self) -> Job:
        """The account's newest video."""
        listed = self.api.get("/v1/videos", params={"limit": 1}).json()["data"][0]["id"]
        job_id = from_video_id(listed)
        assert job_id is not None
        (detail,) = self.server.services.core.jobs.progress_of([job_id])
        return detail.job


class PlainEngine(ScriptedEngine):
    """An engine that takes no generation parameter."""

    name = "plain"

    def __init__(self) -> None:
        super().__init__(parameters=frozenset())


class NarrowEngine(ScriptedEngine):
    """An engine with room for one picture."""

    name = "narrow"

    def capabilities(self) -> Capabilities:
        return replace(super().capabilities(), max_pictures=1)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    plans = {plan.value: ANY_NUMBER for plan in Plan}
    plain = {"engine": "plain", "sizes": ["1280x720"], "seconds": [4], "price": 25}
    narrow = {**plain, "engine": "narrow"}
    image = {"engine": "narrow", "kind": "image", "sizes": ["1280x720"], "price": 1}
    sora = {"loras": INK, "post_steps": {"frame_interpolation": 2, "upscaling": 5}}
    models = {"sora-2": sora, "plain": plain, "narrow": narrow, "narrow-image": image}
    with open_live(
        tmp_path_factory.mktemp("parameters"),
        workers=False,
        plans=plans,
        account_max_unfinished=0,
        others=[PlainEngine(), NarrowEngine()],
        models=models,
    ) as server:
        headers = {"authorization": f"Bearer {server.new_key('painter')}"}
        with patient.Client(base_url=server.url, headers=headers, timeout=60.0) as api:
            yield Door(server, api)


def test_a_video_keeps_and_shows_what_it_was_given(door: Door) -> None:
    answer = door.api.post("/v1/videos", json={"prompt": "a fox", "seed": 7, **FRAMES, **GIVEN})

    job = door.job(answer)
    assert job.options.parameters == KEPT
    assert (job.options.style, job.plan.seed, job.price) == (Style.ANIME, 7, 50)
    shown = door.api.get(f"/v1/videos/{answer.json()['id']}").json()
    assert {name: shown[name] for name in GIVEN} == GIVEN
    assert (shown["seconds"], shown["num_frames"], shown["fps"]) == ("2", 49, 24)
    assert "x-hinode-ignored" not in answer.headers


def test_a_video_without_parameters_shows_none(door: Door) -> None:
    shown = door.api.post("/v1/videos", json={"prompt": "a fox"}).json()
    assert not set(GIVEN) & set(shown)


def test_a_form_means_the_same(door: Door) -> None:
    form = {name: str(value) for name, value in GIVEN.items()} | {
        "lora": json.dumps(GIVEN["lora"]),
        "extra_params[flow_shift]": "3.5",
    }
    del form["extra_params"]
    files = [
        ("last_frame", ("last.png", PICTURE, "image/png")),
        ("reference_images", ("one.png", PICTURE, "image/png")),
        ("reference_images", ("two.png", PICTURE, "image/png")),
    ]
    answer = door.api.post("/v1/videos", data={"prompt": "a fox", **FRAMES, **form}, files=files)

    job = door.job(answer)
    assert job.options.parameters == KEPT
    assert door.inputs(job) == ENDS_AND_SHOWS
    assert answer.json()["size"] == "1280x720"  # it follows the picture


def test_a_task_keeps_and_shows_what_it_was_given(door: Door) -> None:
    sent = {key: value for key, value in GIVEN.items() if key != "num_inference_steps"}
    more: dict[str, Any] = {"steps": 30, "last_frame": DATA_URL, "resolution": "720p", "seed": 7}
    body = task_body(duration=2, **FRAMES, **sent, **more)
    answer = door.api.post("/v1/videos/generations", json=body)

    job = door.job(answer)
    assert job.options.parameters == KEPT
    assert (job.plan.seed, str(job.plan.size), job.price) == (7, "1280x720", 50)
    shown = door.api.get(f"/v1/tasks/{job.id}").json()
    assert shown["parameters"] == {**GIVEN, **FRAMES, "seed": 7}
    other = task_body(duration=4, **FRAMES)
    assert "'duration' (4 s)" in invalid(door.api.post("/v1/videos/generations", json=other))


@pytest.mark.parametrize(
    "shape",
    [{"width": 1280, "height": 720}, {"size": "1280x720"}, {"resolution": "1280x720"}],
    ids=lambda shape: next(iter(shape)),
)
def test_a_task_takes_a_size_in_pixels_and_shows_it(door: Door, shape: dict[str, Any]) -> None:
    path, body = "/v1/videos/generations", task_body(aspect_ratio="16:9", **shape)
    job = door.job(door.api.post(path, json=body))
    assert str(job.plan.size) == "1280x720"
    assert door.api.get(f"/v1/tasks/{job.id}").json()["parameters"] == {"size": "1280x720"}
    wrong = task_body(aspect_ratio="9:16", **shape)
    assert "different shapes" in invalid(door.api.post(path, json=wrong))


def test_a_task_without_parameters_shows_none(door: Door) -> None:
    job = door.job(door.api.post("/v1/videos/generations", json=task_body()))
    assert "parameters" not in door.api.get(f"/v1/tasks/{job.id}").json()


def test_the_sora_dialect_keeps_what_it_was_given(door: Door) -> None:
    sent = {key: value for key, value in GIVEN.items() if key != "style"}
    body = {**CREATE, **FRAMES, **sent, "model": "sora-2", "n_frames": 60, "style_id": "anime"}
    answer = door.api.post("/backend/nf/create", json={**body, "seed": 7})

    assert answer.status_code == 200, answer.text
    job = door.newest()
    assert (job.options.parameters, job.options.style) == (KEPT, Style.ANIME)
    assert job.plan.frames == 49
    pending = {one["id"]: one for one in door.api.get("/backend/nf/pending/v2").json()}
    assert pending[answer.json()["id"]]["parameters"] == {"seed": 7, "fps": 24, **sent}
    wrong = door.api.post("/backend/nf/create", json={**body, "n_frames": 300})
    assert wrong.status_code == 400
    assert "'num_frames'" in wrong.text
    assert "'n_frames'" in wrong.text


def test_the_sora_dialect_takes_a_size_in_pixels(door: Door) -> None:
    body = {**CREATE, "model": "sora-2", "n_frames": 300, "style": "anime"}
    del body["orientation"]
    pixels: dict[str, Any] = {"width": "1280", "height": 720}
    agreeing: list[dict[str, Any]] = [{}, {"orientation": "landscape"}, {"size": "small"}]
    for more in agreeing:
        answer = door.api.post("/backend/nf/create", json={**body, **pixels, **more})
        assert answer.status_code == 200, answer.text
        assert "x-hinode-ignored" not in answer.headers
        assert (str(door.newest().plan.size), door.newest().options.style) == (
            "1280x720", Style.ANIME,
        )  # fmt: skip
    other: list[tuple[dict[str, Any], str]] = [
        ({"orientation": "portrait"}, "width"),
        ({"width": 1000}, "width"),
        ({"height": None}, "height"),
    ]
    for more, name in other:
        wrong = door.api.post("/backend/nf/create", json={**body, **pixels, **more})
        assert (wrong.status_code, wrong.json()["error"]["param"]) == (400, name), wrong.text


def test_what_an_engine_does_not_take_is_told_in_every_dialect(door: Door) -> None:
    video: dict[str, Any] = {"model": "plain", "prompt": "a fox", "steps": 30, "seed": 7}
    video |= {"extra_params": {"x": 1}}
    answer = door.api.post("/v1/videos", json=video)
    names = ["seed", "num_inference_steps", "extra_params.x"]
    assert answer.json()["ignored"] == names
    assert answer.headers["x-hinode-ignored"] == ", ".join(names)
    task = door.api.post("/v1/videos/generations", json={**task_body(steps=30), "model": "plain"})
    assert task.json()["data"]["ignored"] == ["input.num_inference_steps"]
    sora = door.api.post(
        "/backend/nf/create", json={"prompt": "x", "model": "plain", "steps": 3, "kind": "video",
        "orientation": "landscape"}
    )  # fmt: skip
    assert sora.headers["x-hinode-ignored"] == "num_inference_steps"
    assert door.newest().options.parameters == RenderParameters()


STEPS: dict[str, Any] = {"enable_frame_interpolation": True, "upscaling_scale": 2}


def test_steps_after_the_render_are_shown_and_charged_in_every_dialect(door: Door) -> None:
    video: dict[str, Any] = {"prompt": "a fox", "size": "1280x720", **FRAMES, **STEPS}
    answer = door.api.post("/v1/videos", json=video)
    shown, job = answer.json(), door.job(answer)
    assert (shown["size"], shown["num_frames"], shown["fps"]) == ("2560x1440", 97, 48)
    assert (shown["frame_interpolation_exp"], shown["upscaling_scale"]) == (1, 2)
    assert job.price == 2 * (25 + 2 + 5)
    task = task_body(duration=2, aspect_ratio="16:9", **FRAMES, **STEPS)
    made = door.job(door.api.post("/v1/videos/generations", json=task))
    assert (made.plan.size, made.plan.frames, made.price) == (job.plan.size, 97, job.price)
    sora = {**CREATE, **FRAMES, **STEPS, "model": "sora-2", "n_frames": 60}
    assert door.api.post("/backend/nf/create", json=sora).status_code == 200
    assert (door.newest().plan.frames, door.newest().price) == (97, job.price)


def test_steps_after_the_render_that_a_model_does_not_have_are_refused(door: Door) -> None:
    video = {"model": "plain", "prompt": "a fox", "enable_upscaling": True}
    told = door.api.post("/v1/videos", json=video)
    refused(told, 400, "unsupported_value", "upscaling_scale")
    parent = door.api.post("/v1/videos", json={"prompt": "a fox", **STEPS})
    changed = {"prompt": "at night", "enable_upscaling": True}
    told = door.api.post(f"/v1/videos/{parent.json()['id']}/remix", json=changed)
    refused(told, 400, "unsupported_value", "upscaling_scale")


def test_what_was_rendered_is_changed_and_not_what_came_of_it(door: Door) -> None:
    video = {"prompt": "a fox", "size": "1280x720", **FRAMES, **STEPS}
    parent = door.job(door.api.post("/v1/videos", json=video))
    rendered = as_rendered(parent, JobAction.REMIX).plan
    assert (str(rendered.size), rendered.frames, rendered.fps) == ("1280x720", 49, 24)
    with pytest.raises(HinodeError) as told:
        as_rendered(parent, JobAction.EXTENSION)
    assert told.value.param == "video"


def test_pictures_that_an_engine_does_not_take_are_refused(door: Door) -> None:
    for name in ("last_frame", "reference_images"):
        body = {"model": "plain", "prompt": "a fox", name: DATA_URL}
        refused(door.api.post("/v1/videos", json=body), 400, "unsupported_value", name)


def test_more_pictures_than_an_engine_has_room_for_are_refused(door: Door) -> None:
    body = {"model": "narrow", "prompt": "a fox", "reference_images": [DATA_URL]}
    assert door.api.post("/v1/videos", json=body).status_code == 200
    more = door.api.post("/v1/videos", json={**body, "reference_images": [DATA_URL, DATA_URL]})
    refused(more, 400, "unsupported_value", "reference_images")
    files = [("image[]", (f"{number}.png", PICTURE, "image/png")) for number in range(2)]
    edit = {"model": "narrow-image", "prompt": "a fox"}
    refused(
        door.api.post("/v1/images/edits", data=edit, files=files), 400, "unsupported_value", "image"
    )


def test_a_repeat_of_a_create_tells_the_same(door: Door) -> None:
    headers = {"idempotency-key": "told-twice"}
    body = {"model": "plain", "prompt": "a fox", "steps": 30}
    first = door.api.post("/v1/videos", json=body, headers=headers)
    again = door.api.post("/v1/videos", json=body, headers=headers)
    assert (first.json()["id"], first.json()["ignored"]) == (
        again.json()["id"], again.json()["ignored"],
    )  # fmt: skip


@pytest.mark.parametrize(
    "more",
    [{"steps": 31}, {"style": "comic"}, {"fps": 24}, {"last_frame": DATA_URL},
     {"extra_params": {"flow_shift": 1}}, {"resolution": "720p"}, {"remix_id": f"video_{0:032}"}],
    ids=lambda more: next(iter(more)),
)  # fmt: skip
def test_every_parameter_is_part_of_the_idempotent_request(
    door: Door, more: dict[str, Any]
) -> None:
    headers = {"idempotency-key": f"finger-{next(iter(more))}"}
    body = {"prompt": "a fox"}
    assert door.api.post("/v1/videos", json=body, headers=headers).status_code == 200
    answer = door.api.post("/v1/videos", json={**body, **more}, headers=headers)
    refused(answer, 409, "idempotency_conflict", "Idempotency-Key")


def test_models_say_what_their_engines_take(door: Door) -> None:
    listed = door.api.get("/v1/videos/models").json()["data"]
    found = {one["id"]: one for one in listed}
    assert found["sora-2"]["parameters"] == [one.value for one in Parameter]
    assert found["sora-2"]["loras"] == ["ink"]
    assert found["sora-2"]["max_total_pixels"] == 1280 * 720 * 750
    assert found["plain"]["parameters"] == []
    image = door.api.get("/v1/models/sora_image").json()["hinode"]
    assert "num_frames" not in image["parameters"]


def test_children_inherit_what_they_do_not_name(door: Door) -> None:
    jobs = door.server.services.core.jobs
    parent = door.job(door.api.post("/v1/videos", json={"prompt": "a fox", **FRAMES, **GIVEN}))
    request = VideoRequest(
        "a red fox",
        GenerationParams(render=RenderParameters(negative_prompt="snow")),
        source=JobSource(JobAction.REMIX, parent.id),
    )
    model, plain_model = jobs.catalog.get(parent.model), jobs.catalog.get("plain")
    fitted = fit_request(request, model, parameter_support(jobs.capabilities, model), parent)
    derived = derive_from_job(model, fitted.params, JobAction.REMIX, parent)
    assert fitted.params.render == replace(KEPT, negative_prompt="snow", num_frames=None, fps=None)
    assert (derived.resolved.plan.frames, derived.resolved.plan.fps) == (49, 24)
    support = parameter_support(jobs.capabilities, plain_model)
    plain = fit_request(request, plain_model, support, parent)
    assert plain.params.render == RenderParameters(extra_params=KEPT.extra_params)
    assert plain.ignored == ("negative_prompt",)


def test_chats_take_the_images_of_a_video(door: Door) -> None:
    chat = {
        "model": "sora-2", "stream": True, "messages": [{"role": "user", "content": "a fox"}],
        "last_frame_image": DATA_URL, "reference_images": [DATA_URL, DATA_URL],
    }  # fmt: skip
    path, headers = "/v1/chat/completions", {"idempotency-key": "ends-on-it"}
    with door.api.stream("POST", path, json=chat, headers=headers) as answer:
        assert answer.status_code == 200
    made = door.newest()
    assert door.inputs(made) == ENDS_AND_SHOWS
    assert str(made.plan.size) == "1280x720"  # it follows the picture
    other = door.api.post(path, json={**chat, "reference_images": []}, headers=headers)
    refused(other, 409, "idempotency_conflict", "Idempotency-Key")
    for model, name in (("plain", "last_frame"), ("sora_image", "last_frame")):
        wrong = door.api.post(path, json={**chat, "model": model, "stream": False})
        refused(wrong, 400, "unsupported_value", name)


def test_the_sora_dialect_takes_the_images_of_a_video(door: Door) -> None:
    files = {"file": ("a.png", PICTURE, "image/png")}
    image = {"upload_id": door.api.post("/backend/uploads", files=files).json()["id"]}
    body = {"kind": "video", "prompt": "a fox", "model": "sora-2"}
    images = {"last_frame": image, "reference_images": [image, image]}
    assert door.api.post("/backend/nf/create", json={**body, **images}).status_code == 200
    made = door.newest()
    assert door.inputs(made) == ENDS_AND_SHOWS
    assert str(made.plan.size) == "1280x720"  # it follows the picture
    framed = {**body, "inpaint_items": [image], "last_frame": image}
    assert door.api.post("/backend/nf/create", json=framed).status_code == 200
    assert door.inputs(door.newest()) == {(ArtifactRole.UPLOAD, 0), (ArtifactRole.LAST_FRAME, 0)}
    for more, name in (
        ({"last_frame": {}}, "last_frame.upload_id"),
        ({"reference_images": [image, {"kind": "file"}]}, "reference_images[1].file_id"),
        ({"last_frame": image, "model": "plain"}, "last_frame"),
        ({"last_frame": image, "remix_target_id": "s_1"}, "remix_target_id"),
    ):
        wrong = door.api.post("/backend/nf/create", json={**body, **more})
        assert (wrong.status_code, wrong.json()["error"]["param"]) == (400, name), wrong.text


def test_images_and_chat_read_them(door: Door) -> None:
    chat = {
        "model": "sora-2", "stream": True, "messages": [{"role": "user", "content": "a fox"}],
        **FRAMES, **GIVEN,
    }  # fmt: skip
    with door.api.stream("POST", "/v1/chat/completions", json=chat) as answer:
        assert answer.status_code == 200
    assert door.newest().options.parameters == KEPT
    clash = {**chat, "messages": [{"role": "user", "content": "{comic} a fox"}]}
    answer = door.api.post("/v1/chat/completions", json=clash)
    assert "'style'" in refused(answer, 400, "invalid_value", "style")
    image = {"prompt": "a fox", "stream": True, "steps": 9, "extra_params": {"x": 1}}
    with door.api.stream("POST", "/v1/images/generations", json=image) as answer:
        assert answer.headers["x-hinode-ignored"] == "extra_params.x"
