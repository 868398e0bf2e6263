"""What was made and what is being made, over real HTTP, as the clients of Sora's backend ask."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from typing import Any

import av
import httpx
import pytest

from hinode.api.sora.drafts import schemas
from hinode.core.accounts.types import Plan
from hinode.core.auth.types import DEFAULT_SCOPES, Scope
from hinode.core.jobs.account_admin import AccountCreate
from hinode.kit.ids import decode_id, decode_short_id, encode_short_id, new_id
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.sora_shapes import check_draft, check_task, opens

PENDING = ("/nf/pending", "/nf/pending/v2")
DRAFTS = "/project_y/profile/drafts"
LISTS = (DRAFTS, f"{DRAFTS}/v2")
TASKS = ("/v2/recent_tasks", "/video_gen")
Json = dict[str, Any]


def client_of(live: LiveServer, account: str) -> httpx.Client:
    # Clients of this backend name JSON as the type of GETs without a body.
    headers = {
        "authorization": f"Bearer {live.new_key(account, DEFAULT_SCOPES | {Scope.TEST})}",
        "content-type": "application/json",
        "accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    }
    return patient.Client(base_url=f"{live.url}/backend", headers=headers, timeout=20.0)


@pytest.fixture
def client(live: LiveServer) -> Iterator[httpx.Client]:
    """A client of a new account."""
    with client_of(live, f"a{new_id().hex}") as one:
        yield one


def make(client: httpx.Client, prompt: str = "a fox", simulate: str = "", **given: Any) -> str:
    """Make a video by another dialect and return its id in this one."""
    url = str(client.base_url).replace("/backend/", "/v1/videos")
    headers = {"hinode-simulate": simulate} if simulate else {}
    made = client.post(url, json={"prompt": prompt, "seconds": "4", **given}, headers=headers)
    assert made.status_code == 200, made.text
    job = decode_id("video_", made.json()["id"])
    assert job is not None
    return encode_short_id("task_", job)


def make_picture(client: httpx.Client) -> str:
    """Make a picture and return the id of its task."""
    answer = client.post("/video_gen", json={"type": "image_gen", "prompt": "a red fox"})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def get(client: httpx.Client, path: str, **query: Any) -> Any:
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


def until(client: httpx.Client, done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 40
    while not done():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.02)


def drafts_of(client: httpx.Client, task: str) -> list[Json]:
    """Wait until a task has left pending; its drafts must be there at once."""
    until(client, lambda: task not in [one["id"] for one in get(client, PENDING[1])])
    return [one for one in get(client, DRAFTS)["items"] if one["task_id"] == task]


def draft_of(client: httpx.Client, task: str) -> Json:
    (draft,) = drafts_of(client, task)
    return draft


@pytest.mark.parametrize("path", PENDING)
def test_an_unfinished_video_is_pending_with_its_progress(client: httpx.Client, path: str) -> None:
    assert get(client, path) == []
    task_id = make(client, "a fox [stall]", size="1280x720")
    until(client, lambda: get(client, path)[0]["progress_pct"] == 0.4)

    (task,) = get(client, path)

    check_task(task)
    schemas.TaskItem.model_validate(task)
    assert (task["id"], task["status"], task["type"]) == (task_id, "running", "video_gen")
    assert (task["width"], task["height"], task["n_frames"]) == (1280, 720, 120)
    assert (task["model"], task["operation"], task["generations"]) == ("sy_8", "simple_compose", [])
    assert (task["failure_reason"], task["progress_pos_in_queue"]) == (None, None)
    assert client.delete(f"{DRAFTS}/{task_id}").json() == {"success": True}
    assert get(client, path) == []


def test_a_queued_video_says_how_many_are_before_it(idle: LiveServer) -> None:
    with client_of(idle, "waiting") as client:
        make(client)
        make(client)
        second, first = get(client, PENDING[1])

    check_task(second)
    assert [first["status"], second["status"]] == ["queued", "queued"]
    assert second["progress_pos_in_queue"] == first["progress_pos_in_queue"] + 1
    assert "before this one" in second["queue_status_message"]
    assert first["progress_pct"] == 0.0


@pytest.mark.parametrize("path", LISTS)
def test_a_finished_video_is_a_draft_whose_links_work(client: httpx.Client, path: str) -> None:
    task_id = make(client)
    draft_of(client, task_id)

    body = get(client, path, limit=15)

    schemas.DraftList.model_validate(body)
    (draft,) = body["items"]
    check_draft(draft)
    assert (draft["kind"], draft["task_id"], body["cursor"]) == ("sora_draft", task_id, None)
    assert decode_short_id("gen_", draft["id"]) == decode_short_id("task_", task_id)
    encodings = draft["encodings"].values()
    links = {draft["url"], *(one["path"] for one in encodings if one)}
    assert len(links) == 3
    assert all(opens(link) for link in links)
    assert patient.get(draft["url"]).content[4:8] == b"ftyp"


def test_a_refused_video_is_a_content_violation(client: httpx.Client) -> None:
    draft = draft_of(client, make(client, simulate="refuse"))

    check_draft(draft)
    schemas.DraftItem.model_validate(draft)
    assert (draft["kind"], draft["output_blocked"]) == ("sora_content_violation", True)
    assert "content policy" in draft["reason_str"]
    assert (draft["can_remix"], draft["can_create_character"]) == (False, False)


@pytest.mark.parametrize("trouble", ["fail=upstream_error", "expire"])
def test_what_failed_or_has_expired_says_so(client: httpx.Client, trouble: str) -> None:
    draft = draft_of(client, make(client, simulate=trouble))

    check_draft(draft)
    assert draft["kind"] == "sora_error"
    assert draft["reason"] == trouble.removeprefix("fail=").replace("expire", "expired")


def test_no_code_of_a_failure_sounds_like_trouble_with_the_account(client: httpx.Client) -> None:
    draft = draft_of(client, make(client, simulate="fail=http_401"))

    assert (draft["kind"], draft["reason"]) == ("sora_error", "http_4xx")
    assert "401" not in "".join(str(draft[name]) for name in draft if "reason" in name)


def test_a_canceled_video_is_a_draft_too(client: httpx.Client) -> None:
    task = make(client, simulate="stall")
    job = decode_short_id("task_", task)
    assert job is not None
    url = str(client.base_url).replace("/backend/", f"/v1/videos/video_{job[0].hex}/cancel")
    assert client.post(url).status_code == 200

    draft = draft_of(client, task)

    check_draft(draft)
    assert (draft["kind"], draft["reason"]) == ("sora_error", "canceled")


CREATE: Json = {
    "kind": "video",
    "prompt": "A cat dancing",
    "orientation": "landscape",
    "size": "small",
    "n_frames": 300,
    "model": "sy_8",
    "inpaint_items": [],
    "style_id": None,
}


@pytest.mark.parametrize("plan", [Plan.FREE, Plan.PLUS])
def test_both_files_of_a_video_are_real_and_the_plan_decides_which_one_is_shown(
    live: LiveServer, plan: Plan
) -> None:
    name = f"{plan.value}{new_id().hex}"
    live.services.core.accounts.create(AccountCreate(name, plan, unlimited=True))
    with client_of(live, name) as client:
        made = client.post("/nf/create", json=CREATE)
        assert made.status_code == 200, made.text
        draft = draft_of(client, made.json()["id"])

    check_draft(draft)
    urls = draft["download_urls"]
    assert title_of(urls["watermark"]) == "watermarked"
    assert draft["encodings"]["source_wm"]["path"] == urls["watermark"]
    if plan is Plan.FREE:
        assert urls["no_watermark"] is None
        assert draft["url"] == urls["watermark"]
    else:
        assert title_of(urls["no_watermark"]) == "video"
        assert draft["url"] == urls["no_watermark"]


def title_of(url: str) -> str:
    """Return what the engine calls the file behind a link, which carries its provenance too."""
    film = patient.get(url)
    assert film.status_code == 200
    assert b"c2pa" in film.content
    with av.open(io.BytesIO(film.content)) as container:
        return container.metadata["title"]


def test_what_another_dialect_made_has_no_marked_twin(client: httpx.Client) -> None:
    draft = draft_of(client, make(client))

    assert draft["download_urls"] == {"watermark": None, "no_watermark": draft["url"]}
    assert draft["encodings"]["source_wm"] is None


def test_every_output_is_a_draft_of_its_own(client: httpx.Client) -> None:
    found = drafts_of(client, make(client, n=3))

    assert [decode_short_id("gen_", one["id"])[1] for one in found] == [0, 1, 2]  # type: ignore[index]
    assert len({one["url"] for one in found}) == 3


@pytest.mark.parametrize("path", LISTS)
def test_pages_stay_as_they_are_while_drafts_arrive(client: httpx.Client, path: str) -> None:
    for prompt in ("one", "two", "three"):
        draft_of(client, make(client, prompt))
    first = get(client, path, limit=2)
    draft_of(client, make(client, "four"))

    second = get(client, path, limit=2, cursor=first["cursor"])

    assert [one["prompt"] for one in first["items"]] == ["three", "two"]
    assert ([one["prompt"] for one in second["items"]], second["cursor"]) == (["one"], None)
    assert get(client, path)["items"][0]["prompt"] == "four"


@pytest.mark.parametrize(
    "query",
    [{"limit": "0"}, {"limit": "many"}, {"cursor": "page2"}, {"cursor": f"gen_{'0' * 26}"}],
    ids=["none", "word", "no_id", "unknown"],
)
@pytest.mark.parametrize("path", LISTS)
def test_a_page_that_cannot_be_is_refused(
    client: httpx.Client, path: str, query: dict[str, str]
) -> None:
    answer = client.get(path, params=query)

    assert answer.status_code == 400
    assert answer.json()["error"]["param"] in query


def test_more_than_a_page_holds_is_a_page(client: httpx.Client) -> None:
    draft_of(client, make(client))

    assert len(get(client, DRAFTS, limit=5_000)["items"]) == 1
    assert len(get(client, TASKS[1], limit=5_000)["task_responses"]) == 1


def test_a_draft_is_found_read_and_forgotten(client: httpx.Client) -> None:
    gen = draft_of(client, make(client))["id"]
    for one in (f"{DRAFTS}/v2/{gen}", f"{DRAFTS}/{gen}"):
        body = get(client, one)
        schemas.DraftResponse.model_validate(body)
        check_draft(body["draft"])
        assert body["draft"]["draft_reviewed"] is False

    read = client.post(f"{DRAFTS}/{gen}/read", json={})
    # The same without a body.
    again = client.post(f"{DRAFTS}/{gen}/read")

    assert (read.status_code, again.status_code) == (200, 200)
    schemas.DraftResponse.model_validate(read.json())
    assert get(client, f"{DRAFTS}/v2/{gen}")["draft"]["draft_reviewed"] is True
    link = get(client, DRAFTS)["items"][0]["url"]
    assert client.delete(f"{DRAFTS}/{gen}").json() == {"success": True}
    assert get(client, DRAFTS)["items"] == []
    assert patient.get(link).status_code in (400, 404)
    assert client.get(f"{DRAFTS}/{gen}").status_code == 404


def test_drafts_are_their_owners_alone(live: LiveServer, client: httpx.Client) -> None:
    task = make(client)
    gen = draft_of(client, task)["id"]
    with client_of(live, f"b{new_id().hex}") as other:
        answers = [
            other.get(f"{DRAFTS}/v2/{gen}"),
            other.get(f"{DRAFTS}/{gen}"),
            other.post(f"{DRAFTS}/{gen}/read", json={}),
            other.delete(f"{DRAFTS}/{gen}"),
            other.delete(f"{DRAFTS}/v2/{gen}"),
            other.delete(f"{DRAFTS}/{task}"),
            other.get(f"{DRAFTS}/nothing"),
        ]
        cursor = other.get(DRAFTS, params={"cursor": gen})

    assert [one.status_code for one in answers] == [404] * len(answers)
    assert all(one.json()["error"]["code"] == "not_found" for one in answers)
    assert cursor.status_code == 400
    assert get(client, DRAFTS)["items"][0]["id"] == gen


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", path) for path in (*PENDING, *LISTS, *TASKS)),
        ("GET", f"{DRAFTS}/v2/gen_x"),
        ("GET", f"{DRAFTS}/gen_x"),
        ("POST", f"{DRAFTS}/gen_x/read"),
        ("DELETE", f"{DRAFTS}/gen_x"),
        ("DELETE", f"{DRAFTS}/v2/gen_x"),
    ],
)
def test_nobody_gets_anything_without_a_token(live: LiveServer, method: str, path: str) -> None:
    answer = patient.request(method, f"{live.url}/backend{path}")

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "token_invalidated"


def test_tasks_are_pictures_and_videos_in_any_state(client: httpx.Client) -> None:
    video = make(client)
    draft_of(client, video)
    failed = make(client, simulate="fail=upstream_error")
    draft_of(client, failed)
    pictures = str(client.base_url).replace("/backend/", "/v1/images/generations")
    assert client.post(pictures, json={"prompt": "a red fox"}).status_code == 200

    body = get(client, "/video_gen", limit=20)

    schemas.TaskList.model_validate(body)
    picture, second, first = body["task_responses"]
    assert [one["id"] for one in get(client, "/v2/recent_tasks", limit=1)["task_responses"]] == [
        picture["id"]
    ]
    for task in body["task_responses"]:
        check_task(task)
    assert (first["id"], second["id"], body["last_id"]) == (video, failed, video)
    assert body["has_more"] is False
    assert (picture["type"], picture["status"], picture["progress_pct"]) == (
        "image_gen",
        "succeeded",
        1.0,
    )
    (generation,) = picture["generations"]
    assert generation["encodings"]["thumbnail"]["path"].startswith("http://")
    assert opens(generation["url"])
    assert first["generations"][0]["id"] == draft_of(client, video)["id"]
    assert second["status"] == "failed"
    assert second["failure_reason"] == second["error_message"] != ""


def test_a_picture_is_no_draft(client: httpx.Client) -> None:
    picture = make_picture(client)
    found: list[Json] = []

    def done() -> bool:
        found[:] = get(client, TASKS[0])["task_responses"]
        return bool(found[0]["generations"])

    until(client, done)
    (generation,) = found[0]["generations"]

    assert found[0]["id"] == picture
    for path in (f"{DRAFTS}/{generation['id']}", f"{DRAFTS}/v2/{generation['id']}"):
        assert client.get(path).status_code == 404
    assert client.delete(f"{DRAFTS}/{picture}").json() == {"success": True}


@pytest.mark.parametrize("path", TASKS)
def test_tasks_are_paged_by_the_last_id(idle: LiveServer, path: str) -> None:
    with client_of(idle, f"a{new_id().hex}") as client:
        tasks = [make_picture(client) for _ in range(3)]
        first = get(client, path, limit=2)
        second = get(client, path, limit=2, before=first["last_id"])

        assert [one["id"] for one in first["task_responses"]] == tasks[:0:-1]
        assert [one["id"] for one in second["task_responses"]] == tasks[:1]
        assert (first["has_more"], second["has_more"]) == (True, False)
        assert get(client, path, before=tasks[0])["last_id"] is None
        assert client.get(path, params={"before": "page2"}).status_code == 400


def test_a_poller_that_takes_absence_for_an_end_is_right_about_every_task(
    client: httpx.Client,
) -> None:
    """Absent from pending, a task must be among the drafts at once: clients look there once."""
    wanted = {make(client, f"fox {one}", "slow=0.3"): "sora_draft" for one in range(4)}
    wanted[make(client, simulate="slow=0.2,refuse")] = "sora_content_violation"
    wanted[make(client, simulate="slow=0.1,fail=server_error")] = "sora_error"
    ended: dict[str, str] = {}

    def poll() -> bool:
        pending = {one["id"] for one in get(client, PENDING[1])}
        for task in wanted.keys() - pending - ended.keys():
            drafts = {one["task_id"]: one for one in get(client, DRAFTS, limit=15)["items"]}
            draft = drafts[task]
            ended[task] = draft["kind"]
            assert draft["url"] is None or opens(draft["downloadable_url"])
        return len(ended) == len(wanted)

    until(client, poll)
    assert ended == wanted
