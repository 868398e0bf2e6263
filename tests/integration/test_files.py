"""Uploaded files: what is kept, for how long, for whom, and how the routes answer."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import httpx
import pytest
from PIL import Image

from hinode import ErrorCode, HinodeError, Services
from hinode.api.openai import files
from hinode.core.assets.orphans import MIN_ORPHAN_AGE
from hinode.core.auth.key_admin import KeyCreate
from hinode.core.auth.types import Caller, Scope
from hinode.core.files.types import NewFile
from hinode.core.jobs.account_admin import AccountCreate
from hinode.kit.ids import new_id
from hinode.kit.spool import Spooled
from hinode.testing.clock import FakeClock
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.clock import date_files
from tests.support.live import UPLOAD_MB
from tests.support.pictures import claiming_png, png_bytes
from tests.support.uptime import pass_uptime

PNG = png_bytes(64, 36)
DAY = 24 * 3600


def vision(data: bytes = PNG, **values: Any) -> NewFile:
    return NewFile(Spooled.of(data), "fox.png", "vision", **values)


def stranger_of(services: Services) -> Caller:
    name = f"a{new_id().hex}"
    services.core.accounts.create(AccountCreate(name))
    made = services.core.keys.create(KeyCreate(name, "k", frozenset({Scope.IMAGES})))
    return services.core.auth.authenticate(made.secret, Scope.IMAGES)


# The studio, on both databases


def test_a_file_is_kept_as_it_is_and_forgotten_when_deleted(
    services: Services, caller: Caller
) -> None:
    kept = services.core.files.create(caller, vision())

    assert (kept.content_type, kept.bytes, kept.expires_at) == ("image/png", len(PNG), None)
    assert services.core.files.get(caller, kept.id) == kept
    assert services.core.files.read(caller, kept.id).read() == PNG

    services.core.files.delete(caller, kept.id)

    assert list(services.store.list("")) == []
    with pytest.raises(HinodeError) as refused:
        services.core.files.read(caller, kept.id)
    assert refused.value.code is ErrorCode.FILE_NOT_FOUND


def test_files_go_when_they_expire(services: Services, caller: Caller, clock: FakeClock) -> None:
    brief = services.core.files.create(caller, vision(lifetime=DAY))
    stays = services.core.files.create(caller, vision())
    batch = services.core.files.create(caller, NewFile(Spooled.of(PNG), "b.png", "batch"))
    assert batch.expires_at == clock.now() + timedelta(days=30)

    clock.advance(timedelta(days=1))

    # Gone for its owner at once, and from the disk after a grace.
    with pytest.raises(HinodeError):
        services.core.files.get(caller, brief.id)
    page = services.core.files.page(caller, purpose=None, limit=9, after=None, ascending=True)
    assert [one.id for one in page.items] == [stays.id, batch.id]
    assert services.core.job_cleanup.sweep().expired_files == 1
    assert services.core.job_cleanup.sweep().expired_files == 0
    pass_uptime(services.db, timedelta(hours=24))
    assert services.core.job_cleanup.sweep().removed_files == 1
    assert {one.key for one in services.store.list("")} == {stays.key, batch.key}


def test_only_forgotten_objects_are_orphans(
    services: Services, caller: Caller, clock: FakeClock
) -> None:
    kept = services.core.files.create(caller, vision())
    services.store.put_bytes(f"files/{new_id().hex}", b"x", "image/png")

    date_files(services.settings.data / "objects", clock)
    clock.advance(MIN_ORPHAN_AGE)
    assert services.core.orphan_cleanup.run() == 0
    clock.advance(timedelta(seconds=1))

    assert services.core.orphan_cleanup.run() == 1
    assert [one.key for one in services.store.list("")] == [kept.key]


def test_pages_filter_by_purpose_and_follow_the_order(services: Services, caller: Caller) -> None:
    made = [services.core.files.create(caller, vision()).id for _ in range(3)]
    services.core.files.create(caller, NewFile(Spooled.of(PNG), "x.png", "user_data"))

    first = services.core.files.page(caller, purpose="vision", limit=2, after=None, ascending=False)
    rest = services.core.files.page(
        caller, purpose="vision", limit=2, after=made[1], ascending=False
    )

    assert ([one.id for one in first.items], first.has_more) == ([made[2], made[1]], True)
    assert ([one.id for one in rest.items], rest.has_more) == ([made[0]], False)


def test_accounts_do_not_see_each_others_files(services: Services, caller: Caller) -> None:
    stranger, mine = stranger_of(services), services.core.files.create(caller, vision())

    for verb in (services.core.files.get, services.core.files.read, services.core.files.delete):
        with pytest.raises(HinodeError) as refused:
            verb(stranger, mine.id)
        assert refused.value.code is ErrorCode.FILE_NOT_FOUND
    page = services.core.files.page(stranger, purpose=None, limit=9, after=None, ascending=True)
    assert page.items == []
    assert services.core.files.read(caller, mine.id).read() == PNG


# The routes


def upload(api: httpx.Client, data: bytes = PNG, name: str = "fox.png", **fields: Any) -> Any:
    return api.post("/files", data={"purpose": "vision", **fields}, files={"file": (name, data)})


def test_the_file_object_has_the_documented_keys(api: httpx.Client) -> None:
    answer = upload(api, name="../狐狸.png")

    assert answer.status_code == 200, answer.text
    file = answer.json()
    assert file["id"].startswith("file-")
    assert (file["object"], file["bytes"], file["status"]) == ("file", len(PNG), "processed")
    assert (file["filename"], file["purpose"], file["expires_at"]) == ("狐狸.png", "vision", None)
    assert api.get(f"/files/{file['id']}").json() == file
    files.FileObject.model_validate(file)
    files.FileList.model_validate(api.get("/files").json())
    download = api.get(f"/files/{file['id']}/content")
    assert (download.content, download.headers["content-type"]) == (PNG, "image/png")
    assert download.headers["x-content-type-options"] == "nosniff"


def test_expires_after_comes_with_brackets(api: httpx.Client) -> None:
    body: dict[str, Any] = {
        "expires_after[anchor]": "created_at",
        "expires_after[seconds]": "3600",
    }

    file = upload(api, **body).json()

    assert file["expires_at"] - file["created_at"] == 3600


@pytest.mark.parametrize(
    ("data", "fields", "code", "param"),
    [
        (b"just text", {}, "unsupported_value", "file"),
        (b"", {}, "unsupported_value", "file"),
        (PNG[:60], {}, "invalid_image", "file"),
        (claiming_png(50_000, 50_000), {}, "invalid_image", "file"),
        (PNG, {"purpose": "holiday"}, "invalid_value", "purpose"),
        (PNG, {"purpose": ""}, "missing_required_parameter", "purpose"),
        (PNG, {"expires_after": "1h"}, "invalid_type", "expires_after"),
        (
            PNG,
            {"expires_after[seconds]": "3600"},
            "missing_required_parameter",
            "expires_after.anchor",
        ),
        (
            PNG,
            {"expires_after[anchor]": "now", "expires_after[seconds]": "3600"},
            "invalid_value",
            "expires_after.anchor",
        ),
        (
            PNG,
            {"expires_after[anchor]": "created_at", "expires_after[seconds]": "59"},
            "invalid_value",
            "expires_after.seconds",
        ),
        (PNG, {"file": "text"}, "invalid_type", "file"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_leaves_nothing(
    data: bytes, fields: dict[str, str], code: str, param: str, api: httpx.Client, idle: LiveServer
) -> None:
    before = stored(idle)

    answer = upload(api, data, **fields)

    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert (error["code"], error["param"]) == (code, param)
    assert stored(idle) == before


def test_a_file_over_the_limit_is_refused(api: httpx.Client, idle: LiveServer) -> None:
    before = stored(idle)

    answer = upload(api, b"\x89PNG" + bytes(int(UPLOAD_MB * 1_000_000)))

    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "request_too_large"
    assert stored(idle) == before


@pytest.mark.parametrize("body", [b"{", b'{"purpose": "vision"}', b"[]"])
def test_a_json_body_holds_no_file(body: bytes, api: httpx.Client) -> None:
    answer = api.post("/files", content=body, headers={"content-type": "application/json"})

    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "x"}, {"order": "up"}, {"after": "1"}])
def test_bad_pages_are_refused(query: dict[str, str], api: httpx.Client) -> None:
    answer = api.get("/files", params=query)

    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == next(iter(query))


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("file_id", ["file-1", "video_1", "file-" + "0" * 32, "%2e%2e"])
def test_unknown_files_are_not_found(method: str, file_id: str, api: httpx.Client) -> None:
    answer = api.request(method, f"/files/{file_id}")

    assert answer.status_code == 404
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_another_account_finds_none_of_it(api: httpx.Client, idle: LiveServer) -> None:
    mine = upload(api).json()["id"]
    headers = {"authorization": idle.new_key("stranger")}

    with patient.Client(base_url=f"{idle.url}/v1", headers=headers) as stranger:
        assert mine not in stranger.get("/files").text
        assert stranger.get(f"/files/{mine}").status_code == 404
        assert stranger.get(f"/files/{mine}/content").status_code == 404
        assert stranger.delete(f"/files/{mine}").status_code == 404
        for path, named in (
            ("/images/edits", {"images": [{"file_id": mine}]}),
            ("/videos", {"input_reference": {"file_id": mine}}),
        ):
            assert stranger.post(path, json={"prompt": "a fox", **named}).status_code == 404
    assert api.get(f"/files/{mine}/content").content == PNG


def test_a_key_needs_the_scope_of_pictures_or_videos(idle: LiveServer) -> None:
    def listing(*scopes: Scope) -> int:
        headers = {"authorization": idle.new_key("scoped", frozenset(scopes))}
        return patient.get(f"{idle.url}/v1/files", headers=headers).status_code

    assert listing(Scope.IMAGES) == 200
    assert listing(Scope.VIDEOS) == 200
    assert listing(Scope.CHAT) == 403


def test_a_video_starts_on_an_uploaded_picture(api: httpx.Client, idle: LiveServer) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (48, 48), "navy").save(buffer, "WEBP")
    file_id = upload(api, buffer.getvalue(), "blue.webp").json()["id"]
    before = stored(idle)

    by_json = api.post("/videos", json={"prompt": "a fox", "input_reference": {"file_id": file_id}})
    by_form = api.post(
        "/videos", files={"prompt": (None, "a fox"), "input_reference[file_id]": (None, file_id)}
    )

    assert (by_json.status_code, by_form.status_code) == (200, 200), by_json.text + by_form.text
    assert len(stored(idle)) == len(before) + 2


def stored(server: LiveServer) -> list[str]:
    return sorted(one.key for one in server.services.store.list(""))
