"""Posts and feeds of the Sora dialect over real HTTP, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hinode import ErrorCode, HinodeError
from hinode.api.sora.drafts import schemas as draft_wire
from hinode.api.sora.posts import schemas
from hinode.core.jobs.tables import jobs
from hinode.core.posts import repository
from hinode.core.posts.tables import posts
from hinode.kit.ids import decode_id, encode_id, encode_short_id, new_id
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.databases import Postgres
from tests.support.posts import FILM, Person, open_gallery, person, post_body, refused
from tests.support.uptime import pass_uptime


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    data = tmp_path_factory.mktemp("posts")
    if request.param == "sqlite":
        with open_gallery(data, f"sqlite:///{data / 'hinode.db'}") as opened:
            yield opened
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    with postgres.fresh() as url, open_gallery(data, url) as opened:
        yield opened


@pytest.fixture
def author(server: LiveServer, tmp_path: Path) -> Iterator[Person]:
    with person(server, tmp_path) as one:
        yield one


@pytest.fixture
def stranger(server: LiveServer, tmp_path: Path) -> Iterator[Person]:
    with person(server, tmp_path) as one:
        yield one


def ids(page: dict[str, Any]) -> list[str]:
    return [item["post"]["id"] for item in page["items"]]


# --- publish, look at, take back


@pytest.mark.from_captured_traffic
def test_a_finished_video_is_published(author: Person, server: LiveServer) -> None:
    job_id = author.film("a fox in the snow")

    answer = author.publish(job_id, "My fox")

    assert answer.status_code == 200
    schemas.PostAnswer.model_validate(answer.json())
    post = answer.json()["post"]
    assert post["permalink"] == f"{server.url}/p/{post['id']}"
    assert (post["text"], post["view_count"], post["remix_count"]) == ("My fox", 0, 0)
    (attachment,) = post["attachments"]
    assert attachment["generation_id"] == attachment["id"] == encode_short_id("gen_", job_id)
    assert (attachment["kind"], attachment["prompt"]) == ("sora", "a fox in the snow")
    film = patient.get(attachment["encodings"]["source"]["path"])
    assert (film.status_code, film.content) == (200, FILM)
    assert patient.get(attachment["downloadable_url"]).content == FILM
    assert patient.get(post["preview_image_url"]).status_code == 200


@pytest.mark.from_captured_traffic
@pytest.mark.parametrize("sentinel", ["", "Ab3xYz09Qw", '{"p":"x","t":"y","c":"z"}'], ids=len)
def test_the_sentinel_header_may_say_anything(author: Person, sentinel: str) -> None:
    headers = {"openai-sentinel-token": sentinel, "accept": "text/html,*/*"} if sentinel else {}

    answer = author.http.post("/project_y/post", json=post_body(author.film()), headers=headers)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"


def test_what_is_published_again_is_the_same_post(author: Person) -> None:
    job_id = author.film()
    first = author.publish(job_id, "one").json()["post"]

    second = author.publish(job_id, "two").json()["post"]

    assert (second["id"], second["text"]) == (first["id"], "one")


def test_publishing_at_once_gives_one_post(author: Person) -> None:
    job_id = author.film()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: author.publish(job_id), range(8)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["post"]["id"] for answer in answers}) == 1
    assert len(author.http.get("/project_y/profile_feed/me").json()["items"]) == 1


def test_a_post_is_seen_by_all_and_taken_back_by_its_author_only(
    author: Person, stranger: Person
) -> None:
    post = author.posted("Hello")
    path = f"/project_y/post/{post['id']}"

    seen = stranger.http.get(path)
    schemas.PostAnswer.model_validate(seen.json())
    assert seen.json()["post"]["text"] == "Hello"
    refused(stranger.http.delete(path), 404, "not_found", "post_id")
    assert author.http.get(path).status_code == 200

    removed = author.http.delete(path)
    assert removed.status_code == 200
    schemas.PostDeleted.model_validate(removed.json())
    for method in ("GET", "DELETE"):
        refused(author.http.request(method, path), 404, "not_found", "post_id")


def test_a_video_that_was_taken_back_can_be_published_again(author: Person) -> None:
    job_id = author.film()
    first = author.publish(job_id).json()["post"]["id"]
    author.http.delete(f"/project_y/post/{first}")

    second = author.publish(job_id).json()["post"]["id"]

    assert second != first
    assert ids(author.http.get("/project_y/profile_feed/me").json()) == [second]


def test_a_post_goes_with_its_video(author: Person, server: LiveServer) -> None:
    kept, gone = author.posted(), author.posted()
    server.services.core.jobs.delete(author.caller, _job_of(server, gone))

    refused(author.http.get(f"/project_y/post/{gone['id']}"), 404, "not_found", "post_id")
    assert ids(author.http.get("/project_y/profile_feed/me").json()) == [kept["id"]]


def test_a_post_ends_with_its_file_before_that_is_swept(author: Person, server: LiveServer) -> None:
    kept, gone = author.posted(), author.posted()
    job_id = _job_of(server, gone)
    due = server.services.clock.now() - timedelta(seconds=1)
    with server.services.db.write() as conn:
        conn.execute(jobs.update().where(jobs.c.id == job_id).values(expires_at=due))

    refused(author.http.get(f"/project_y/post/{gone['id']}"), 404, "not_found", "post_id")
    assert ids(author.http.get("/project_y/profile_feed/me").json()) == [kept["id"]]
    refused(author.publish(job_id), 400, "expired", "generation_id")

    server.services.core.job_cleanup.sweep()
    assert ids(author.http.get("/project_y/profile_feed/me").json()) == [kept["id"]]
    pass_uptime(server.services.db, timedelta(hours=24))
    server.services.core.job_cleanup.sweep()
    with server.services.db.read() as conn:
        assert conn.scalar(sa.select(sa.func.count()).where(posts.c.job_id == job_id)) == 0


def _job_of(server: LiveServer, post: dict[str, Any]) -> Any:
    post_id = decode_id("s_", post["id"])
    assert post_id is not None
    with server.services.db.read() as conn:
        found = repository.find(conn, post_id)
    assert found is not None
    return found.job_id


def test_a_draft_says_what_it_is_published_as(author: Person) -> None:
    job_id = author.film()
    path = f"/project_y/profile/drafts/v2/{encode_short_id('gen_', job_id)}"
    before = author.http.get(path).json()["draft"]
    post = author.publish(job_id, "Hello").json()["post"]

    answer = author.http.get(path).json()
    listed = author.http.get("/project_y/profile/drafts").json()["items"]

    draft_wire.DraftResponse.model_validate(answer)
    assert (before["post"], before["post_visibility"]) == (None, None)
    said = answer["draft"]["post"]
    assert said == {name: post[name] for name in said}
    assert answer["draft"]["post_visibility"] == "public"
    assert [item["post"]["id"] for item in listed] == [post["id"]]
    author.http.delete(f"/project_y/post/{post['id']}")
    assert author.http.get(path).json()["draft"]["post"] is None


# --- what is refused


def test_only_finished_videos_of_ones_own_are_published(author: Person, stranger: Person) -> None:
    refused(author.publish(stranger.film()), 404, "not_found", "generation_id")
    refused(author.publish(new_id()), 404, "not_found", "generation_id")
    refused(author.publish(author.make()), 400, "not_ready", "generation_id")
    canceled = author.make()
    author.server.services.core.jobs.cancel(author.caller, canceled)
    refused(author.publish(canceled), 400, "generation_failed", "generation_id")
    assert author.http.get("/project_y/profile_feed/me").json() == {"items": [], "cursor": None}


def test_an_output_that_a_job_does_not_have_is_unknown(author: Person) -> None:
    second = encode_short_id("gen_", author.film(), 1)
    body = {"attachments_to_create": [{"generation_id": second, "kind": "sora"}]}
    refused(author.http.post("/project_y/post", json=body), 404, "not_found", "generation_id")


GOOD = {"generation_id": encode_short_id("gen_", new_id()), "kind": "sora"}


FIRST = "attachments_to_create[0]"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "attachments_to_create"),
        ({"attachments_to_create": None}, "attachments_to_create"),
        ({"attachments_to_create": "gen_x"}, "attachments_to_create"),
        ({"attachments_to_create": []}, "attachments_to_create"),
        ({"attachments_to_create": [GOOD, GOOD]}, "attachments_to_create"),
        ({"attachments_to_create": ["gen_x"]}, "attachments_to_create[0]"),
        ({"attachments_to_create": [{"kind": "sora"}]}, f"{FIRST}.generation_id"),
        ({"attachments_to_create": [{"generation_id": 7}]}, f"{FIRST}.generation_id"),
        ({"attachments_to_create": [{**GOOD, "kind": "image"}]}, f"{FIRST}.kind"),
        ({"attachments_to_create": [GOOD], "post_text": 7}, "post_text"),
    ],
    ids=[
        "empty", "null", "text", "none", "two", "no object", "no id", "number", "kind", "post text",
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(author: Person, body: dict[str, Any], param: str) -> None:
    refused(author.http.post("/project_y/post", json=body), 400, "invalid_request", param)


@pytest.mark.parametrize(
    "text", ["x" * 2_001, "a\x00b", "a\ud800b"], ids=["long", "nul", "half surrogate"]
)
def test_texts_that_cannot_be_kept_are_refused(author: Person, text: str) -> None:
    refused(author.publish(author.film(), text), 400, "invalid_request", "post_text")


def test_the_longest_text_is_kept_as_it_is(author: Person) -> None:
    text = "日の出 😀\n" + "x" * 1_992

    assert author.posted(text)["text"] == text


@pytest.mark.parametrize("content", [b"", b"{", b"[]"], ids=["nothing", "half", "array"])
def test_broken_bodies_are_refused(author: Person, content: bytes) -> None:
    headers = {"content-type": "application/json"}
    answer = author.http.post("/project_y/post", content=content, headers=headers)
    refused(answer, 400, "invalid_request")
    refused(author.http.post("/project_y/post"), 400, "invalid_request")


@pytest.mark.parametrize(
    "name", ["s_", "s_xyz", new_id().hex, "S_" + new_id().hex, encode_id("s_", new_id())], ids=len
)
def test_ids_of_nothing_are_unknown(author: Person, name: str) -> None:
    for method in ("GET", "DELETE"):
        answer = author.http.request(method, f"/project_y/post/{name}")
        refused(answer, 404, "not_found", "post_id")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/project_y/post"),
        ("GET", "/project_y/post/s_1"),
        ("DELETE", "/project_y/post/s_1"),
        ("GET", "/project_y/profile_feed/me"),
        ("GET", "/project_y/feed"),
    ],
)
@pytest.mark.parametrize("key", ["", "Bearer sk-nobody"], ids=["none", "wrong"])
def test_nothing_is_shown_without_a_token(
    server: LiveServer, method: str, path: str, key: str
) -> None:
    headers = {"authorization": key} if key else {}
    answer = patient.request(method, f"{server.url}/backend{path}", headers=headers)
    refused(answer, 401, "token_invalidated")


# --- feeds


def walk(one: Person, path: str, **query: Any) -> list[str]:
    """Follow the cursors of a feed to its end."""
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(50):
        body = {**query, **({"cursor": cursor} if cursor else {})}
        answer = one.http.get(path, params=body)
        assert answer.status_code == 200, answer.text
        schemas.FeedPageObject.model_validate(answer.json())
        seen += ids(answer.json())
        cursor = answer.json()["cursor"]
        if cursor is None:
            return seen
    raise AssertionError("the feed does not end")


def test_the_feed_of_a_person_is_read_page_by_page(author: Person, stranger: Person) -> None:
    made = [author.posted(f"{number}")["id"] for number in range(5)]
    stranger.posted()

    newest = made[::-1]
    assert walk(author, "/project_y/profile_feed/me", limit=2, cut="nf2") == newest
    user = author.http.get("/project_y/profile_feed/me").json()["items"][0]["profile"]["user_id"]
    assert walk(stranger, f"/project_y/profile_feed/{user}", limit=3) == newest
    assert len(ids(author.http.get("/project_y/profile_feed/me").json())) == 5


def test_nothing_is_lost_when_posts_come_and_go_while_a_feed_is_read(author: Person) -> None:
    made = [author.posted(f"{number}")["id"] for number in range(4)]
    first = author.http.get("/project_y/profile_feed/me", params={"limit": 2}).json()
    author.posted("new")
    author.http.delete(f"/project_y/post/{first['cursor']}")

    query = {"limit": 2, "cursor": first["cursor"]}
    rest = author.http.get("/project_y/profile_feed/me", params=query).json()

    assert ids(first) + ids(rest) == made[::-1]


def test_the_public_feed_has_everybodys_newest(author: Person, stranger: Person) -> None:
    made = [one.posted()["id"] for one in (author, stranger, author)]

    answer = author.http.get("/project_y/feed", params={"limit": 3, "cut": "nf2_latest"})

    assert ids(answer.json()) == made[::-1]
    authors = {item["profile"]["user_id"] for item in answer.json()["items"]}
    assert len(authors) == 2


def test_the_top_feed_has_what_was_looked_at_and_remixed_most(
    author: Person, server: LiveServer
) -> None:
    quiet, seen, remixed = (author.posted(text)["id"] for text in ("quiet", "seen", "remixed"))
    old = author.posted("old")["id"]
    with server.services.db.write() as conn:
        # More than any other test's posts have.
        _set(conn, seen, views=10_000)
        _set(conn, remixed, remixes=2_000)
        long_ago = server.services.clock.now() - timedelta(days=8)
        _set(conn, old, views=90_000, created_at=long_ago)

    top = walk(author, "/project_y/feed", cut="nf2_top", limit=3)

    assert top[:2] == [remixed, seen]
    assert quiet in top
    assert old not in top
    assert len(top) == len(set(top))


def _set(conn: sa.Connection, spelled: str, **values: Any) -> None:
    post_id = decode_id("s_", spelled)
    conn.execute(posts.update().where(posts.c.id == post_id).values(**values))


def test_everybody_may_remix_a_post_and_that_is_counted(author: Person, stranger: Person) -> None:
    post = author.posted()
    path = f"/project_y/post/{post['id']}"
    body = {
        "kind": "video", "prompt": "at night", "remix_target_id": post["id"], "model": "sy_8",
        "orientation": "landscape", "n_frames": 300, "inpaint_items": [], "cameo_ids": [],
        "cameo_replacements": {}, "style_id": None,
    }  # fmt: skip

    for one in (author, stranger):
        made = one.http.post("/nf/create", json=body)
        assert made.status_code == 200, made.text
        assert made.json()["id"].startswith("task_")

    assert author.http.get(path).json()["post"]["remix_count"] == 2
    author.http.delete(path)
    assert stranger.http.post("/nf/create", json=body).status_code == 404


@pytest.mark.parametrize(
    ("path", "query", "param"),
    [
        ("/project_y/feed", {"limit": "0"}, "limit"),
        ("/project_y/feed", {"limit": "many"}, "limit"),
        ("/project_y/feed", {"cut": "best"}, "cut"),
        ("/project_y/feed", {"cursor": "x"}, "cursor"),
        ("/project_y/feed", {"cut": "nf2_top", "cursor": "s_" + "0" * 32}, "cursor"),
        ("/project_y/feed", {"cut": "nf2_top", "cursor": "²." + "s_" + "0" * 32}, "cursor"),
        ("/project_y/profile_feed/me", {"limit": "-1"}, "limit"),
        ("/project_y/profile_feed/me", {"cursor": "9.s_" + "0" * 32}, "cursor"),
    ],
    ids=["zero", "word", "cut", "cursor", "top cursor", "digit", "own limit", "own cursor"],
)
def test_bad_queries_are_refused(
    author: Person, path: str, query: dict[str, str], param: str
) -> None:
    refused(author.http.get(path, params=query), 400, "invalid_request", param)


@pytest.mark.parametrize("who", ["nobody", "user-1", encode_id("user-", new_id())], ids=len)
def test_the_feed_of_nobody_is_unknown(author: Person, who: str) -> None:
    answer = author.http.get(f"/project_y/profile_feed/{who}")
    assert refused(answer, 404, "not_found", answer.json()["error"]["param"])


# --- the domain


def test_a_post_that_is_gone_is_an_error_for_those_who_view_it(server: LiveServer) -> None:
    with pytest.raises(HinodeError) as refusal:
        server.services.core.posts.view(new_id())
    assert refusal.value.code is ErrorCode.POST_NOT_FOUND
