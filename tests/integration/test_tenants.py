"""One account never sees, lists, changes, deletes or downloads what another has.

The matrix is made from the application's routes: a route with an id that is missing here fails.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
from starlette.routing import Route

from hinode.kit.ids import encode_short_id, new_id
from hinode.testing.server import LiveServer
from tests.support import batches, patient
from tests.support.films import write_film
from tests.support.live import wait_until_ended
from tests.support.pictures import png_bytes

# Names that are nobody's: models and pages. Links in /files carry their permission with them.
# People, their portraits and what they published are for everybody to see.
PUBLIC = {
    "/v1/models/{model_id:path}",
    "/docs/{name}",
    "/app/{path:path}",
    "/app/assets/{name:path}",
    "/v1/jobs/archive/{signature}.{expires}/{name}",
    "/files/{signature}.{expires}/{job}/{output}/{name}",
    "/files/{signature}.{expires}/{name}",
    "/portraits/{signature}.{expires}/{folder}/{name}",
    "/backend/project_y/profile/{user}/characters",
    "/backend/project_y/profile/username/{name}",
    "/backend/project_y/profile_feed/{user_id}",
}
PUBLISHED = {"/backend/project_y/post/{post_id}"}
"""Everybody may look at these; only their owner may take them back."""
AGAIN = {"DELETE /backend/project_y/profile/drafts/{generation}"}
"""Other spellings of what comes before them: nothing can be deleted twice."""
PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")
LISTS = {
    "/v1/videos": "video_id",
    "/v1/files": "file_id",
    "/v1/webhook_endpoints": "webhook_endpoint_id",
    "/v1/batches": "batch_id",
    "/v1/tasks": "task_id",
}


@dataclass(frozen=True, slots=True)
class Tenants:
    """The clients of two accounts, and the ids of what the first one has."""

    owner: httpx.Client
    stranger: httpx.Client
    ids: dict[str, str]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    return write_film(path, 160, 90, seconds=2.4).read_bytes()


@pytest.fixture
def tenants(live: LiveServer, film: bytes) -> Iterator[Tenants]:
    def client(account: str) -> httpx.Client:
        headers = {"authorization": f"Bearer {live.new_key(account)}"}
        return patient.Client(base_url=f"{live.url}/v1", headers=headers, timeout=20.0)

    with client("owner") as owner, client("stranger") as stranger:
        yield Tenants(owner, stranger, belongings(owner, film))


def belongings(owner: httpx.Client, film: bytes) -> dict[str, str]:
    """Make one of everything that has an id."""

    def create(path: str, **request: Any) -> str:
        answer = owner.post(path, **request)
        assert answer.status_code == 200, answer.text
        made: str = answer.json()["id"]
        return made

    video, task = (create("/videos", json={"prompt": "a secret fox"}) for _ in range(2))
    for one in (video, task):
        assert wait_until_ended(owner, one)["status"] == "completed"
    endpoint = {"url": "https://hooks.invalid/one", "name": "n", "event_types": ["video.completed"]}
    return {
        "video_id": video,
        "task_id": str(UUID(task.removeprefix("video_"))),
        "job_id": str(UUID(video.removeprefix("video_"))),
        "character_id": create(
            "/videos/characters", data={"name": "Mossy"}, files={"video": ("a.mp4", film)}
        ),
        "file_id": create(
            "/files", data={"purpose": "vision"}, files={"file": ("a.png", png_bytes(64, 64))}
        ),
        "webhook_endpoint_id": create("/webhook_endpoints", json=endpoint),
        "batch_id": batches.start(owner, batches.jsonl(batches.line("a", prompt="[stall]")))["id"],
        "callback_id": called_back(owner),
        "gen_id": encode_short_id("gen_", UUID(video.removeprefix("video_"))),
        **published(owner, film),
    }


def called_back(owner: httpx.Client) -> str:
    """Make a task that tells of its end, and return the id of what it told."""
    told = {"prompt": "a loud fox", "duration": 4, "aspect_ratio": "16:9"}
    body = {"model": "sora-2", "callback_url": "https://hooks.invalid/two", "input": told}
    assert owner.post("/videos/generations", json=body).status_code == 200
    deadline = time.monotonic() + 40
    while not (calls := owner.get("/callbacks").json()["data"]):
        assert time.monotonic() < deadline, "nobody was told"
        time.sleep(0.05)
    callback_id: str = calls[0]["id"]
    return callback_id


def published(owner: httpx.Client, film: bytes) -> dict[str, str]:
    """Make what only the Sora dialect has."""
    backend = str(owner.base_url).replace("/v1/", "/backend")
    headers = {"authorization": owner.headers["authorization"]}
    with patient.Client(base_url=backend, headers=headers, timeout=30.0) as sora:
        video = owner.post("/videos", json={"prompt": "a published fox"}).json()["id"]
        assert wait_until_ended(owner, video)["status"] == "completed"
        generation = encode_short_id("gen_", UUID(video.removeprefix("video_")))
        attachment = {"generation_id": generation, "kind": "sora"}
        post = {"attachments_to_create": [attachment], "post_text": ""}
        files = {"file": ("video.mp4", film, "video/mp4")}
        cameo = sora.post("/characters/upload", files=files, data={"timestamps": "0,2"}).json()
        deadline = time.monotonic() + 40
        path = f"/project_y/cameos/in_progress/{cameo['id']}"
        while sora.get(path).json()["status"] != "finalized":
            assert time.monotonic() < deadline, "the cameo was not processed"
            time.sleep(0.05)
        name = {"cameo_id": cameo["id"], "username": f"m{new_id().hex[-12:]}", "display_name": "M"}
        character = sora.post("/characters/finalize", json=name).json()["character"]
        return {
            "generation": generation,
            "post_id": sora.post("/project_y/post", json=post).json()["post"]["id"],
            "cameo": cameo["id"],
            "character": character["character_id"],
        }


def all_routes(live: LiveServer) -> list[tuple[str, str]]:
    routes = [route for route in live.app.routes if isinstance(route, Route)]
    return [(method, route.path) for route in routes for method in route.methods or ()]


def routes_with_ids(live: LiveServer) -> list[tuple[str, str]]:
    """Method and template of every route with an id in its path; those that delete come last."""
    found = [
        (method, path)
        for method, path in all_routes(live)
        if PARAMETER.search(path)
        and path not in PUBLIC
        and not path.startswith(("/p/", "/v1/admin", "/callbacks/"))
        and not path.startswith("/v1/me/")  # an account's own, with tests of their own
        and not (path in PUBLISHED and method in ("GET", "HEAD"))
    ]
    return sorted(found, key=lambda route: (route[0] == "DELETE", route))


def ask(client: httpx.Client, method: str, path: str) -> httpx.Response:
    # Good for every route that takes a body, so that only the id can be at fault.
    good: dict[str, Any] = {"prompt": "x", "event_type": "video.completed", "visibility": "private"}
    good |= {"user_prompt": "x", "extension_duration_s": 10, "display_name": "M"}
    url = str(client.base_url).removesuffix("/v1/") + path
    body = {"POST": good, "PATCH": {"favorite": True}}.get(method)
    return client.request(method, url, json=body)


def test_every_route_with_an_id_is_closed_to_strangers(live: LiveServer, tenants: Tenants) -> None:
    routes = routes_with_ids(live)
    assert len(routes) >= 7
    for method, template in routes:
        assert set(PARAMETER.findall(template)) <= set(tenants.ids), f"add {template} to this test"
        path = PARAMETER.sub(lambda found: tenants.ids[found[1]], template)

        answer = ask(tenants.stranger, method, path)

        assert answer.status_code == 404, f"{method} {template}: {answer.text}"
        if method != "HEAD":
            assert answer.json()["error"]["code"] != "unknown_url"
    for method, template in routes:
        if f"{method} {template}" in AGAIN:
            continue
        path = PARAMETER.sub(lambda found: tenants.ids[found[1]], template)
        mine = ask(tenants.owner, method, path).status_code
        assert mine not in (401, 403, 404, 405), f"{method} {template} proves nothing: {mine}"


def test_ids_in_bodies_are_closed_to_strangers(tenants: Tenants) -> None:
    ids = tenants.ids
    source = {"prompt": "x", "seconds": "4", "video": {"id": ids["video_id"]}}
    picture = {"file_id": ids["file_id"]}
    requests: list[tuple[str, dict[str, Any]]] = [
        ("/videos/edits", source),
        ("/videos/extensions", source),
        ("/videos", {"prompt": "x", "characters": [{"id": ids["character_id"]}]}),
        ("/videos", {"prompt": "x", "input_reference": picture}),
        ("/images/edits", {"prompt": "x", "images": [picture]}),
    ]
    for path, body in requests:
        answer = tenants.stranger.post(path, json=body)
        assert answer.status_code in (400, 404), f"{path}: {answer.text}"
        assert tenants.owner.post(path, json=body).status_code == 200, f"{path} proves nothing"


def test_lists_show_only_what_is_ones_own(live: LiveServer, tenants: Tenants) -> None:
    plain = [
        path
        for method, path in all_routes(live)
        if method == "GET" and path.startswith("/v1/") and not PARAMETER.search(path)
        if path not in ("/v1/events", "/v1/admin/events")  # without an end, with own tests
    ]
    assert set(LISTS) <= set(plain)
    for path in plain:
        seen = tenants.stranger.get(path.removeprefix("/v1")).text
        assert not [one for one in tenants.ids.values() if one in seen], path
    for path, name in LISTS.items():
        assert tenants.ids[name] in tenants.owner.get(path.removeprefix("/v1")).text
    cursor = {"after": tenants.ids["video_id"], "order": "asc"}
    assert tenants.stranger.get("/videos", params=cursor).json()["data"] == []


def test_an_idempotency_key_is_ones_own(tenants: Tenants) -> None:
    request: dict[str, Any] = {"data": {"prompt": "x"}, "headers": {"idempotency-key": "same"}}

    first = tenants.owner.post("/videos", **request).json()["id"]
    second = tenants.stranger.post("/videos", **request).json()["id"]

    assert first != second
