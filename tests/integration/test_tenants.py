"""One account never sees, lists, changes, deletes or downloads what another has.

The matrix is made from the application's routes: a route with an id that is missing here fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
from starlette.routing import Route

from hinode.testing.server import LiveServer
from tests.support.films import write_film
from tests.support.live import DBOS, wait_until_ended
from tests.support.pictures import png_bytes

pytestmark = DBOS

# Names that are nobody's: models and pages. Links in /files carry their permission with them.
PUBLIC = {"/v1/models/{model_id:path}", "/docs/{name}", "/files/{job}/{output}/{name}"}
PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")
LISTS = {
    "/v1/videos": "video_id",
    "/v1/files": "file_id",
    "/v1/webhook_endpoints": "webhook_endpoint_id",
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
        return httpx.Client(base_url=f"{live.url}/v1", headers=headers, timeout=20.0)

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
        "character_id": create(
            "/videos/characters", data={"name": "Mossy"}, files={"video": ("a.mp4", film)}
        ),
        "file_id": create(
            "/files", data={"purpose": "vision"}, files={"file": ("a.png", png_bytes(64, 64))}
        ),
        "webhook_endpoint_id": create("/webhook_endpoints", json=endpoint),
    }


def all_routes(live: LiveServer) -> list[tuple[str, str]]:
    routes = [route for route in live.app.routes if isinstance(route, Route)]
    return [(method, route.path) for route in routes for method in route.methods or ()]


def routes_with_ids(live: LiveServer) -> list[tuple[str, str]]:
    """Method and template of every route with an id in its path; those that delete come last."""
    found = [
        (method, path)
        for method, path in all_routes(live)
        if PARAMETER.search(path) and path not in PUBLIC
    ]
    return sorted(found, key=lambda route: (route[0] == "DELETE", route))


def ask(client: httpx.Client, method: str, path: str) -> httpx.Response:
    # Good for every route that takes a body, so that only the id can be at fault.
    body = {"prompt": "x", "event_type": "video.completed"} if method == "POST" else None
    return client.request(method, path.removeprefix("/v1"), json=body)


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
