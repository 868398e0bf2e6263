"""The OpenAI routes over real HTTP but for making videos: keys, lists, ids, errors, documents."""

from __future__ import annotations

import http.client

import httpx
import pytest

from hinode.core.auth.types import Scope
from hinode.core.jobs.service import JobService
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.openai import JSON, listed, made, refused

# Who is calling


@pytest.mark.parametrize("spelling", ["Bearer {}", "bearer {}", "BEARER  {}", "{}"])
def test_the_scheme_may_be_left_out(api: httpx.Client, spelling: str) -> None:
    key = api.headers["authorization"].removeprefix("Bearer ")

    answer = api.get("/videos", headers={"authorization": spelling.format(key)})

    assert answer.status_code == 200


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer sk-wrong", "sk-" + "x" * 48, "Basic abc"])
@pytest.mark.parametrize("path", ["/videos", "/videos/video_1", "/models", "/models/sora-2"])
def test_without_a_key_nothing_is_told(idle: LiveServer, path: str, value: str) -> None:
    answer = patient.get(f"{idle.url}/v1{path}", headers={"authorization": value})

    refused(answer, 401, "invalid_api_key")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_stranger_is_turned_away_before_the_body_is_read(idle: LiveServer) -> None:
    connection = http.client.HTTPConnection(idle.url.removeprefix("http://"), timeout=10)
    connection.putrequest("POST", "/v1/videos")
    connection.putheader("content-type", JSON)
    connection.putheader("content-length", "100000")
    connection.endheaders()

    assert connection.getresponse().status == 401
    connection.close()


def test_a_key_without_the_scope_is_refused(idle: LiveServer) -> None:
    key = idle.new_key("narrow", frozenset({Scope.CHAT}))
    answer = patient.get(f"{idle.url}/v1/videos", headers={"authorization": f"Bearer {key}"})

    refused(answer, 403, "insufficient_permissions")


# Lists, one video, cancel and delete


def test_lists_are_paged_both_ways(idle: LiveServer) -> None:
    headers = {"authorization": idle.new_key("pager")}
    with patient.Client(base_url=f"{idle.url}/v1", headers=headers) as api:
        ids = [made(api.post("/videos", data={"prompt": str(n)}))["id"] for n in range(5)]

        newest = api.get("/videos", params={"limit": 2}).json()
        rest = api.get("/videos", params={"limit": 3, "after": newest["last_id"]}).json()
        oldest = api.get("/videos", params={"order": "asc", "limit": 100}).json()
        none = api.get("/videos", params={"limit": 0}).json()

    assert list(newest) == ["object", "data", "first_id", "last_id", "has_more"]
    assert [video["id"] for video in newest["data"]] == ids[:2:-1]
    assert (newest["first_id"], newest["last_id"], newest["has_more"]) == (ids[4], ids[3], True)
    assert ([video["id"] for video in rest["data"]], rest["has_more"]) == (ids[2::-1], False)
    assert [video["id"] for video in oldest["data"]] == ids
    assert (none["data"], none["first_id"], none["last_id"]) == ([], None, None)


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({"limit": "101"}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"limit": "9" * 40}, "limit"),
        ({"order": "up"}, "order"),
        ({"after": "nonsense"}, "after"),
        ({"after": "video_\x00"}, "after"),
    ],
)
def test_bad_queries_are_refused(api: httpx.Client, query: dict[str, str], param: str) -> None:
    refused(api.get("/videos", params=query), 400, "invalid_value", param)


@pytest.mark.parametrize(
    "video_id",
    [
        "video_" + "0" * 32,
        "video_nothex" + "g" * 26,
        "nothing",
        "video_",
        "%00",
        "video_1%2F..%2F2",
    ],
)
def test_unknown_ids_are_not_found(api: httpx.Client, video_id: str) -> None:
    for method, path in [
        ("GET", ""), ("DELETE", ""), ("GET", "/content"), ("POST", "/cancel"), ("GET", "/events"),
    ]:  # fmt: skip
        answer = api.request(method, f"/videos/{video_id}{path}")
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] in ("not_found", "unknown_url")


def test_a_queued_job_can_be_canceled_and_says_so(api: httpx.Client) -> None:
    video_id = made(api.post("/videos", data={"prompt": "x"}))["id"]

    canceled = api.post(f"/videos/{video_id}/cancel").json()
    again = api.post(f"/videos/{video_id}/cancel").json()

    assert canceled["status"] == "failed"
    assert canceled["error"]["code"] == "canceled"
    assert again == canceled == api.get(f"/videos/{video_id}").json()
    refused(api.get(f"/videos/{video_id}/content"), 400, "video_failed", "id")


def test_a_deleted_video_is_gone(api: httpx.Client) -> None:
    video_id = made(api.post("/videos", data={"prompt": "x"}))["id"]

    answer = api.delete(f"/videos/{video_id}")

    assert answer.json() == {"object": "video.deleted", "deleted": True, "id": video_id}
    assert video_id not in listed(api)
    refused(api.delete(f"/videos/{video_id}"), 404, "not_found", "id")


def test_the_place_in_the_queue_is_told(idle: LiveServer, api: httpx.Client) -> None:
    before = made(api.post("/videos", data={"prompt": "x"}))
    after = made(api.post("/videos", data={"prompt": "x"}))

    places = [api.get(f"/videos/{video['id']}") for video in (before, after)]

    first, second = [answer.json()["queue_position"] for answer in places]
    assert first < second  # turns of other accounts may lie between
    waits = [int(answer.headers["openai-poll-after-ms"]) for answer in places]
    assert waits[0] <= waits[1] <= 5_000


def test_content_of_an_unfinished_video_is_not_ready(api: httpx.Client) -> None:
    video_id = made(api.post("/videos", data={"prompt": "x"}))["id"]

    refused(api.get(f"/videos/{video_id}/content"), 400, "video_not_ready", "id")
    head = api.head(f"/videos/{video_id}/content")
    assert (head.status_code, head.content) == (400, b"")
    bad = api.get(f"/videos/{video_id}/content", params={"variant": "gif"})
    assert "'thumbnail'" in refused(bad, 400, "invalid_value", "variant")
    bad = api.get(f"/videos/{video_id}/content", params={"index": "-1"})
    refused(bad, 400, "invalid_value", "index")


# Everything else that answers


def test_paths_and_methods_that_are_not_served(api: httpx.Client, idle: LiveServer) -> None:
    for path in ("/", "/v1", "/v1/", "/v1/video", "/v2/videos"):
        answer = patient.get(f"{idle.url}{path}", headers=api.headers)
        refused(answer, 404, "unknown_url")
    wrong = api.put("/videos")
    refused(wrong, 405, "method_not_allowed")
    assert wrong.headers["allow"] == "GET, HEAD, OPTIONS, POST"


def test_request_ids_come_back_when_they_are_sane(api: httpx.Client) -> None:
    given = api.get("/models", headers={"x-request-id": "trace-0123456789"})
    odd = api.get("/models", headers={"x-request-id": "no spaces, please"})
    none = api.get("/models")

    assert given.headers["x-request-id"] == "trace-0123456789"
    assert odd.headers["x-request-id"].startswith("req_")
    assert none.headers["x-request-id"] != api.get("/models").headers["x-request-id"]


def test_models_are_listed_and_found(api: httpx.Client) -> None:
    models = {model["id"]: model for model in api.get("/models").json()["data"]}

    assert {"sora-2", "sora-2-pro"} <= set(models)
    assert "scripted" in models["sora-2"]["hinode"]["engine"]
    assert api.get("/models/sora-2").json() == models["sora-2"]
    assert api.get("/models/sora%2D2").json() == models["sora-2"]
    for unknown in ("sora-9", "Wan-AI%2FWan2.2", "a%2F..%2Fb%3Fc"):
        assert api.get(f"/models/{unknown}").json()["error"]["code"] == "model_not_found"


def test_operators_see_health_metrics_and_what_is_not_ready(
    api: httpx.Client, idle: LiveServer
) -> None:
    assert api.get(f"/videos/video_{'0' * 32}").status_code == 404
    assert patient.get(f"{idle.url}/healthz").json() == {"status": "ok"}

    ready, strict = (patient.get(f"{idle.url}/readyz{query}") for query in ("", "?for=create"))
    assert (ready.status_code, strict.status_code) == (200, 503)
    assert ready.json() == {
        "status": "ready",
        "checks": {"database": "ok", "storage": "ok", "workers": "failed"},
        "creates": "ok",
        "engines": {"scripted": "ready"},
        "clock": "ok",
    }
    assert strict.json() == {**ready.json(), "status": "unready"}
    metrics = patient.get(f"{idle.url}/metrics")
    assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'route="/v1/videos/{video_id}"' in metrics.text
    assert 'hinode_jobs_unfinished{state="queued"}' in metrics.text
    assert "video_0" not in metrics.text


def test_an_unexpected_failure_tells_nothing(
    idle: LiveServer, api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_: object, **__: object) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(JobService, "list_videos", explode)
    monkeypatch.setattr(JobService, "create_video", explode)

    listing = api.get("/videos")
    create = api.post("/videos", data={"prompt": "x"})
    keyed = api.post("/videos", data={"prompt": "x"}, headers={"idempotency-key": "k"})

    for answer in (listing, create, keyed):
        assert "hunter2" not in refused(answer, 500, "server_error")
    # Repeating is harmless for a list, and for a create only with a key.
    assert [answer.headers.get("x-should-retry") for answer in (listing, create, keyed)] == [
        None,
        "false",
        None,
    ]
