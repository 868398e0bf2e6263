"""Every endpoint of the Sora dialect wants a good token, and shows nobody what is another's.

The matrices are made from the application's routes, so that a new one is in them by itself; ids in
paths are proven with those of the other dialects.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.routing import Route

from hinode.core.auth.tokens import sign
from hinode.core.auth.types import Audience
from hinode.kit.ids import encode_short_id, new_id
from hinode.testing.server import LiveServer
from tests.integration.test_tenants import PARAMETER
from tests.support import patient
from tests.support.films import write_film
from tests.support.people import refused

BASE = "/backend"
# Good for every route that takes a body, so that only the token or the id can be at fault.
BODY = {
    "prompt": "Shot 1:\nduration: 10sec\nScene: a fox",
    "user_prompt": "x",
    "extension_duration_s": 10,
    "visibility": "private",
    "display_name": "Robin",
    "invite_code": "ABCDEFGHJK",
}


def routes(live: LiveServer) -> list[tuple[str, str]]:
    """Method and template of every route; those that delete come last.

    HEAD is GET without the body that says why.
    """
    found = [
        (method, route.path)
        for route in live.app.routes
        if isinstance(route, Route) and route.path.startswith(f"{BASE}/")
        for method in (route.methods or set()) - {"HEAD"}
    ]
    return sorted(found, key=lambda route: (route[0] == "DELETE", route))


def client_of(live: LiveServer, token: str | None) -> httpx.Client:
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    return patient.Client(base_url=live.url, headers=headers, timeout=20.0)


def ask(client: httpx.Client, method: str, path: str) -> httpx.Response:
    body = {**BODY, "username": "somebody"} if "/username/" in path else BODY
    return client.request(method, path, json=body if method == "POST" else None)


def new_token(live: LiveServer, age: timedelta = timedelta()) -> str:
    """An access token of an hour, signed so long ago."""
    name, door = f"a{new_id().hex}", live.services.core.sessions
    live.new_key(name)
    profile = door.issue(name, timedelta(hours=1)).profile
    hour, then = timedelta(hours=1), datetime.now(UTC) - age
    return sign(door.keys, profile, new_id(), Audience.SORA, then, hour).secret


def filled(template: str) -> str:
    """A path with ids that could be somebody's."""
    return PARAMETER.sub(lambda found: encode_short_id("gen_", new_id()), template)


BAD = {
    "missing": (None, "token_invalidated"),
    "garbage": ("x", "token_invalidated"),
    "key": ("sk-" + "x" * 48, "token_invalidated"),
    "unsigned": ("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.e30.", "token_invalidated"),
}


@pytest.mark.parametrize("kind", sorted(BAD))
def test_every_endpoint_wants_a_token(live: LiveServer, kind: str) -> None:
    token, code = BAD[kind]
    with client_of(live, token) as client:
        for method, path in routes(live):
            error = refused(ask(client, method, filled(path)), 401, code)
            assert error["type"] == "authentication_error", path


def test_every_endpoint_tells_an_expired_token(live: LiveServer) -> None:
    with client_of(live, new_token(live, timedelta(hours=2))) as client:
        for method, path in routes(live):
            refused(ask(client, method, filled(path)), 401, "token_expired")


def test_every_endpoint_refuses_a_token_that_another_key_signed(live: LiveServer) -> None:
    head, claims, signature = new_token(live).split(".")
    forged = f"{head}.{claims}.{signature[::-1]}"
    with client_of(live, forged) as client:
        for method, path in routes(live):
            refused(ask(client, method, filled(path)), 401, "token_invalidated")


@dataclass(frozen=True, slots=True)
class Tenants:
    """The clients of two accounts, and the ids of what the first one has."""

    owner: httpx.Client
    stranger: httpx.Client
    ids: dict[str, str]


@pytest.fixture(scope="module")
def tenants(live: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenants]:
    film = write_film(tmp_path_factory.mktemp("film") / "f.mp4", 160, 90, seconds=2.4)
    with ExitStack() as stack:
        owner, stranger = (
            stack.enter_context(client_of(live, live.new_key(f"a{new_id().hex}"))) for _ in range(2)
        )
        yield Tenants(owner, stranger, belongings(owner, film.read_bytes()))


def belongings(owner: httpx.Client, film: bytes) -> dict[str, str]:
    """Make one of everything that has an id."""

    def post(path: str, **request: Any) -> dict[str, Any]:
        answer = owner.post(f"{BASE}{path}", **request)
        assert answer.status_code == 200, answer.text
        made: dict[str, Any] = answer.json()
        return made

    video = {"kind": "video", "prompt": "a secret fox", "n_frames": 300, "model": "sy_8"}
    task = post("/nf/create", json=video)["id"]
    drafts = f"{BASE}/project_y/profile/drafts"
    draft = wait(owner, drafts, lambda page: by_task(page, task))
    cameo = post("/characters/upload", files={"file": ("v.mp4", film)}, data={"timestamps": "0,2"})[
        "id"
    ]
    progress = f"{BASE}/project_y/cameos/in_progress/{cameo}"
    wait(owner, progress, lambda found: found["status_message"] == "Completed")
    name = f"robin.{new_id().hex[-12:]}"
    made = {"cameo_id": cameo, "username": name, "display_name": "Robin"}
    character = post("/characters/finalize", json=made)["character"]
    # Said rather than relied on: a new character is not everybody's.
    post(
        f"/project_y/characters/{character['character_id']}/update", json={"visibility": "private"}
    )
    attachment = {"generation_id": draft["id"], "kind": "sora"}
    published = post("/project_y/post", json={"attachments_to_create": [attachment]})["post"]
    return {
        "generation": draft["id"],
        "cameo": cameo,
        "character": character["character_id"],
        "user": character["owner_profile"]["user_id"],
        "name": name,
        "post_id": published["id"],
    }


def by_task(page: dict[str, Any], task: str) -> Any:
    return next((one for one in page["items"] if one["task_id"] == task), None)


def wait(client: httpx.Client, path: str, wanted: Any) -> Any:
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        if found := wanted(client.get(path).json()):
            return found
        time.sleep(0.02)
    raise AssertionError(f"{path} never had it")


def test_what_is_for_everybody_tells_nothing_private(live: LiveServer, tenants: Tenants) -> None:
    ids = tenants.ids
    post = tenants.stranger.get(f"{BASE}/project_y/post/{ids['post_id']}")
    assert post.status_code == 200
    characters = f"{BASE}/project_y/profile/{ids['user']}/characters"
    assert tenants.stranger.get(characters).json()["items"] == []
    assert [one["character_id"] for one in tenants.owner.get(characters).json()["items"]] == [
        ids["character"]
    ]
    assert (
        tenants.stranger.get(f"{BASE}/project_y/profile/username/{ids['name']}").status_code == 404
    )


def test_lists_show_only_what_is_ones_own(live: LiveServer, tenants: Tenants) -> None:
    private = [tenants.ids[name] for name in ("cameo", "character")]
    for method, path in routes(live):
        if method != "GET" or PARAMETER.search(path):
            continue
        seen = tenants.stranger.get(path).text
        assert not [one for one in private if one in seen], path
        if not path.endswith("/feed"):
            assert tenants.ids["generation"] not in seen, path


def test_ids_in_bodies_are_closed_to_strangers(tenants: Tenants) -> None:
    ids = tenants.ids
    attachment = {"generation_id": ids["generation"], "kind": "sora"}
    start = {"kind": "generation", "generation_id": ids["generation"]}
    video = {"kind": "video", "prompt": "x", "n_frames": 300, "model": "sy_8"}
    requests: list[tuple[str, dict[str, Any]]] = [
        ("/project_y/post", {"attachments_to_create": [attachment]}),
        ("/nf/create", {**video, "inpaint_items": [start]}),
        ("/nf/create", {**video, "remix_target_id": ids["generation"]}),
        ("/characters/from-generation", {"generation_id": ids["generation"], "timestamps": [0, 3]}),
        ("/characters/finalize", {"cameo_id": ids["cameo"], "username": f"x{new_id().hex[-9:]}"}),
    ]
    for path, body in requests:
        answer = tenants.stranger.post(f"{BASE}{path}", json=body)
        assert answer.status_code in (400, 404), f"{path}: {answer.text}"
        assert answer.json()["error"]["message"]
