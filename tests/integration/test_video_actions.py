"""Remixes, edits, extensions and characters over real HTTP: every form, every refusal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa

from hinode.core.assets import repository as assets
from hinode.core.auth.types import Scope
from hinode.core.jobs.tables import jobs
from hinode.core.jobs.types import JobError, RenderOrder
from hinode.kit.ids import from_video_id
from hinode.media.types import ArtifactRole, JobAction
from hinode.testing.server import LiveServer
from hinode.workflows.workspace import JobWorkspace
from tests.integration.test_jobs import render
from tests.support import patient
from tests.support.films import write_film
from tests.support.pictures import png_bytes

ROUTES = ["remix", "edits", "extensions"]
FORMS = ["json", "multipart", "urlencoded"]
PLAYLIST = b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A clip of 2.4 seconds, 160x90."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    return write_film(path, 160, 90, seconds=2.4).read_bytes()


@pytest.fixture
def parent(api: httpx.Client, idle: LiveServer, tmp_path: Path) -> dict[str, Any]:
    """A completed video."""
    fields = {"prompt": "a fox", "size": "1280x720", "seconds": "8", "seed": 7}
    video: dict[str, Any] = api.post("/videos", json=fields).json()
    assert render(idle.services, job_id(video), tmp_path)
    return video


def job_id(video: dict[str, Any]) -> UUID:
    found = from_video_id(video["id"])
    assert found is not None
    return found


def act(
    api: httpx.Client, route: str, video_id: str, fields: dict[str, str], form: str = "json"
) -> httpx.Response:
    """Ask for a remix, an edit or an extension in one of the content types."""
    if route == "remix":
        path, source = f"/videos/{video_id}/remix", ""
    else:
        path, source = f"/videos/{route}", video_id
    if route == "extensions":
        fields = {"seconds": "4", **fields}
    if form == "json":
        return api.post(path, json={**fields, **({"video": {"id": source}} if source else {})})
    pairs = {**fields, **({"video[id]": source} if source else {})}
    if form == "urlencoded":
        return api.post(path, data=pairs)
    return api.post(path, files={name: (None, value) for name, value in pairs.items()})


def made(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    video: dict[str, Any] = answer.json()
    assert (video["object"], video["status"], video["progress"]) == ("video", "queued", 0)
    assert int(answer.headers["openai-poll-after-ms"]) > 0
    return video


def refused(answer: httpx.Response, status: int, code: str, param: str | None) -> str:
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert (error["code"], error["param"]) == (code, param)
    message: str = error["message"]
    return message


def order_of(idle: LiveServer, video: dict[str, Any]) -> RenderOrder:
    order = idle.services.core.execution.begin(job_id(video))
    assert order is not None
    return order


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("route", ROUTES)
def test_every_route_takes_every_content_type(
    api: httpx.Client, idle: LiveServer, parent: dict[str, Any], route: str, form: str
) -> None:
    video = made(act(api, route, parent["id"], {"prompt": "at night"}, form))

    job = order_of(idle, video).job
    assert (video["prompt"], video["model"], video["size"]) == ("at night", "sora-2", "1280x720")
    assert video["seconds"] == ("12" if route == "extensions" else "8")
    assert video["remixed_from_video_id"] == (parent["id"] if route == "remix" else None)
    assert job.parent_id == job_id(parent)
    assert (
        job.action
        is {
            "remix": JobAction.REMIX,
            "edits": JobAction.EDIT,
            "extensions": JobAction.EXTENSION,
        }[route]
    )
    assert job.options.prompt_history == ("a fox",)


def test_a_remix_takes_the_gateways_fields(api: httpx.Client, parent: dict[str, Any]) -> None:
    fields = {"prompt": "再加一只小狗", "model": "sora-2-pro", "seconds": "4", "seed": "9"}
    video = made(act(api, "remix", parent["id"], {**fields, "size": "1792x1024"}, "urlencoded"))

    assert (video["model"], video["size"], video["seconds"], video["seed"]) == (
        "sora-2-pro",
        "1792x1024",
        "4",
        9,
    )
    assert video["prompt"] == "再加一只小狗"


def test_a_video_may_be_named_bare_or_in_a_list(api: httpx.Client, parent: dict[str, Any]) -> None:
    for video in (parent["id"], [{"id": parent["id"]}]):
        made(api.post("/videos/edits", json={"prompt": "at night", "video": video}))


@pytest.mark.parametrize("route", ROUTES)
def test_the_parent_is_a_finished_video_of_ones_own(
    api: httpx.Client, idle: LiveServer, parent: dict[str, Any], route: str
) -> None:
    param = "id" if route == "remix" else "video"

    def ask(video_id: str, client: httpx.Client = api) -> httpx.Response:
        return act(client, route, video_id, {"prompt": "at night"})

    waiting = api.post("/videos", json={"prompt": "a dog"}).json()
    refused(ask(waiting["id"]), 400, "video_not_ready", param)
    order_of(idle, waiting)
    idle.services.core.execution.fail(job_id(waiting), JobError("broken", "It broke."))
    refused(ask(waiting["id"]), 400, "video_failed", param)

    stranger = {"authorization": idle.new_key("stranger")}
    with patient.Client(base_url=f"{idle.url}/v1", headers=stranger) as other:
        refused(ask(parent["id"], other), 404, "not_found", param)
    for nobody in ("video_" + "0" * 32, "video_nonsense", "vidéo"):
        refused(ask(nobody), 404, "not_found", param)

    with idle.services.db.write() as conn:
        past = idle.services.clock.now() - timedelta(seconds=1)
        conn.execute(sa.update(jobs).where(jobs.c.id == job_id(parent)).values(expires_at=past))
    refused(ask(parent["id"]), 400, "video_expired", param)
    assert api.delete(f"/videos/{parent['id']}").status_code == 200
    refused(ask(parent["id"]), 404, "not_found", param)


@pytest.mark.parametrize("route", ROUTES)
def test_a_video_whose_file_has_gone_is_refused_at_create(
    api: httpx.Client, idle: LiveServer, parent: dict[str, Any], route: str
) -> None:
    with idle.services.db.read() as conn:
        files = assets.of_job(conn, job_id(parent))
    idle.services.store.delete([one.key for one in files if one.role is ArtifactRole.VIDEO])

    answer = act(api, route, parent["id"], {"prompt": "at night"})

    refused(answer, 400, "video_expired", "id" if route == "remix" else "video")


def test_what_is_missing_or_of_the_wrong_type_is_named(
    api: httpx.Client, parent: dict[str, Any], film: bytes
) -> None:
    source = {"id": parent["id"]}
    edits, extensions = "/videos/edits", "/videos/extensions"
    missing = "missing_required_parameter"

    refused(api.post(edits, json={"video": source}), 400, missing, "prompt")
    refused(api.post(edits, json={"prompt": "x"}), 400, missing, "video")
    refused(api.post(edits, json={"prompt": "x", "video": {}}), 400, missing, "video.id")
    refused(api.post(edits, json={"prompt": "x", "video": 7}), 400, "invalid_type", "video")
    wrong = {"prompt": "x", "video": {"id": 7}}
    refused(api.post(edits, json=wrong), 400, "invalid_type", "video.id")
    answer = api.post(extensions, json={"prompt": "x", "video": source})
    refused(answer, 400, missing, "seconds")
    long = {"prompt": "x", "seconds": "7", "video": source}
    refused(api.post(extensions, json=long), 400, "unsupported_value", "seconds")
    answer = api.post(extensions, content=b"{", headers={"content-type": "application/json"})
    refused(answer, 400, "invalid_body", None)


@pytest.mark.parametrize("route", ROUTES)
def test_a_repeated_request_makes_one_video(
    api: httpx.Client, parent: dict[str, Any], route: str
) -> None:
    api.headers["idempotency-key"] = f"{route}-{parent['id']}"
    try:
        first = made(act(api, route, parent["id"], {"prompt": "at night"}))
        again = made(act(api, route, parent["id"], {"prompt": "at night"}, "multipart"))
        other = act(api, route, parent["id"], {"prompt": "at noon"})
        api.delete(f"/videos/{parent['id']}")
        later = made(act(api, route, parent["id"], {"prompt": "at night"}))
    finally:
        del api.headers["idempotency-key"]

    assert first["id"] == again["id"] == later["id"]
    refused(other, 409, "idempotency_conflict", "Idempotency-Key")


def upload(api: httpx.Client, route: str, film: bytes, **fields: str) -> httpx.Response:
    pairs = {"prompt": "at night", "model": "sora-2", **fields}
    return api.post(f"/videos/{route}", data=pairs, files={"video": ("any.txt", film, "text/html")})


def test_an_uploaded_clip_is_edited_in_its_own_length(
    api: httpx.Client, idle: LiveServer, film: bytes, tmp_path: Path
) -> None:
    video = made(upload(api, "edits", film))

    assert (video["size"], video["seconds"], video["num_frames"]) == ("1280x720", "2", 72)
    order = order_of(idle, video)
    assert (order.job.price, order.job.parent_id, order.job.options.kept_frames) == (50, None, 0)
    (source,) = order.inputs
    assert (source.role, source.width, source.height) == (ArtifactRole.SOURCE, 160, 90)
    assert source.key == f"uploads/{order.job.id.hex}/source.mp4"
    spec = JobWorkspace(idle.services.store, tmp_path).build_spec(order)
    assert spec.source is not None
    assert spec.source.read_bytes() == film


@pytest.mark.parametrize("route", ["edits", "extensions"])
def test_an_uploaded_clip_without_a_model_has_the_default_one(
    api: httpx.Client, film: bytes, route: str
) -> None:
    default = made(api.post("/videos", json={"prompt": "a fox"}))["model"]
    fields = {"prompt": "at night", **({"seconds": "4"} if route == "extensions" else {})}

    video = made(api.post(f"/videos/{route}", data=fields, files={"video": film}))

    assert video["model"] == default


def test_an_uploaded_clip_is_extended_to_the_whole(
    api: httpx.Client, idle: LiveServer, film: bytes
) -> None:
    video = made(upload(api, "extensions", film, seconds="8"))

    assert (video["seconds"], video["num_frames"]) == ("10", 72 + 240)
    job = order_of(idle, video).job
    assert (job.options.kept_frames, job.price) == (72, 200)


@pytest.mark.parametrize(
    ("width", "height", "model", "size"),
    [
        (90, 160, "sora-2", "720x1280"),
        (128, 128, "sora-2", "720x1280"),
        (200, 40, "sora_video2-landscape-hd", "1792x1024"),
        (160, 90, "sora_video2-portrait", None),
        (1792, 1024, "sora-2-pro", "1792x1024"),
    ],
)
def test_a_clip_is_fitted_to_the_models_sizes(
    api: httpx.Client, tmp_path: Path, width: int, height: int, model: str, size: str | None
) -> None:
    film = write_film(tmp_path / "film.mp4", width, height, seconds=1.0).read_bytes()

    video = made(upload(api, "edits", film, model=model))

    given = {one["id"]: one for one in api.get("/models").json()["data"]}
    assert video["model"] == model
    if size is None:
        size = given["sora_video2"]["hinode"]["sizes"][0]
    assert video["size"] == size


def test_clips_that_cannot_be_used_leave_nothing_behind(
    api: httpx.Client, idle: LiveServer, film: bytes, tmp_path: Path
) -> None:
    def files() -> set[str]:
        return {one.key for one in idle.services.store.list("uploads")}

    def of(seconds: float) -> bytes:
        return write_film(tmp_path / "odd.mp4", seconds=seconds).read_bytes()

    before = files()
    bad: list[Callable[[], bytes]] = [
        lambda: b"just some text",
        lambda: b"",
        lambda: PLAYLIST,
        lambda: png_bytes(8, 8),
        lambda: film[: len(film) // 2],
        lambda: b"\0\0\0\x20ftypisom" + b"\xff" * 400,
        lambda: of(130.0),
        lambda: of(0.3),
        lambda: of(61.0),
    ]
    for content in bad:
        message = refused(upload(api, "edits", content()), 400, "invalid_video", "video")
        assert len(message) > 20
    answer = upload(api, "extensions", of(110.0), seconds="20")
    refused(answer, 400, "invalid_value", "seconds")
    big = upload(api, "edits", b"\0" * 1_100_000)
    refused(big, 413, "request_too_large", None)
    for route in ("edits", "extensions"):
        answer = upload(api, route, film, model="sora_image", seconds="4")
        refused(answer, 400, "unsupported_value", "model")
    assert files() == before


def test_a_clip_counts_by_its_bytes_for_idempotency(
    api: httpx.Client, film: bytes, tmp_path: Path
) -> None:
    other = write_film(tmp_path / "other.mp4", seconds=1.0).read_bytes()
    api.headers["idempotency-key"] = "a-clip"
    try:
        first = made(upload(api, "edits", film))
        again = made(upload(api, "edits", film))
        refused(upload(api, "edits", other), 409, "idempotency_conflict", "Idempotency-Key")
    finally:
        del api.headers["idempotency-key"]
    assert first["id"] == again["id"]


def test_a_character_is_made_found_and_cast(
    api: httpx.Client, idle: LiveServer, film: bytes
) -> None:
    answer = api.post("/videos/characters", data={"name": "Mossy"}, files={"video": film})

    assert answer.status_code == 200, answer.text
    mossy = answer.json()
    assert list(mossy) == ["id", "name", "created_at", "object"]
    assert (mossy["name"], mossy["object"]) == ("Mossy", "character")
    assert mossy["id"].startswith("char_")
    assert len(mossy["id"]) == 37
    assert api.get(f"/videos/characters/{mossy['id']}").json() == mossy

    by_json = {"prompt": "a walk", "characters": [{"id": mossy["id"]}]}
    by_form = {"prompt": "a walk", "characters[][id]": mossy["id"]}
    videos = [
        api.post("/videos", json=by_json),
        api.post("/videos", data=by_form),
        api.post("/videos", json={"prompt": "Mossy walks"}),
    ]
    for video in map(made, videos):
        (one,) = order_of(idle, video).characters
        assert one.name == "Mossy"


def test_characters_that_cannot_be_are_refused(
    api: httpx.Client, idle: LiveServer, film: bytes
) -> None:
    path, missing = "/videos/characters", "missing_required_parameter"
    refused(api.post(path, files={"video": film}), 400, missing, "name")
    refused(api.post(path, data={"name": "Bob"}), 400, missing, "video")
    refused(api.post(path, json={"name": "Bob", "video": "x"}), 400, "invalid_type", "video")
    refused(
        api.post(path, data={"name": "x" * 81}, files={"video": film}), 400, "invalid_value", "name"
    )
    for clip in (b"text", PLAYLIST, film[:500]):
        answer = api.post(path, data={"name": "Bob"}, files={"video": clip})
        refused(answer, 400, "invalid_video", "video")

    mossy = api.post(path, data={"name": "Mossy"}, files={"video": film}).json()["id"]
    stranger = {"authorization": idle.new_key("another")}
    with patient.Client(base_url=f"{idle.url}/v1", headers=stranger) as other:
        refused(other.get(f"{path}/{mossy}"), 404, "not_found", "id")
        body = {"prompt": "x", "characters": [{"id": mossy}]}
        refused(other.post("/videos", json=body), 404, "not_found", "id")
    for nobody in ("char_" + "0" * 32, "mossy"):
        refused(api.get(f"{path}/{nobody}"), 404, "not_found", "id")
    for value, code, param in (
        (mossy, "invalid_type", "characters"),
        ([mossy], "invalid_type", "characters"),
        ([{"id": 7}], "invalid_type", "characters.id"),
        ([{"id": "mossy"}], "not_found", "characters"),
        ([{"id": mossy}] * 3, "invalid_value", "characters"),
    ):
        answer = api.post("/videos", json={"prompt": "x", "characters": value})
        refused(answer, 404 if code == "not_found" else 400, code, param)


def test_strangers_cannot_make_the_server_read_or_decode(idle: LiveServer, film: bytes) -> None:
    key = idle.new_key("pictures-only", frozenset({Scope.IMAGES}))
    for headers, status in (({}, 401), ({"authorization": key}, 403)):
        with patient.Client(base_url=f"{idle.url}/v1", headers=headers) as client:
            for route in ("edits", "extensions", "characters"):
                answer = client.post(f"/videos/{route}", files={"video": film})
                assert answer.status_code == status
            one = "/videos/video_" + "0" * 32
            assert client.post(f"{one}/remix", json={"prompt": "x"}).status_code == status
