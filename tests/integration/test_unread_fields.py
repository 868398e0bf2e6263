"""Nothing that a client asks for is dropped in silence: it is read, refused by name, or told."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hinode.core.accounts.types import Plan
from hinode.core.auth.key_admin import KeyCreate
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.live import open_live
from tests.support.openai import refused
from tests.support.pictures import png_bytes
from tests.support.sora_creation import ANY_NUMBER, CREATE, STORYBOARD
from tests.support.sora_creation import PICTURE as IMAGE
from tests.support.tasks import invalid, task_body

HEADER = "x-hinode-ignored"
VIDEO = {"prompt": "a fox", "seconds": "4", "size": "1280x720"}
CHAT = {"model": "sora-2", "messages": [{"role": "user", "content": "a fox"}]}
PICTURE = png_bytes(1280, 720)
DATA_URL = f"data:image/png;base64,{base64.b64encode(PICTURE).decode()}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    plans = {plan.value: ANY_NUMBER for plan in Plan}
    folder = tmp_path_factory.mktemp("unread")
    with open_live(folder, workers=False, plans=plans, account_max_unfinished=0) as running:
        yield running


@pytest.fixture(scope="module")
def api(server: LiveServer) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {server.new_key('reader')}"}
    with patient.Client(base_url=server.url, headers=headers, timeout=60.0) as client:
        yield client


@pytest.fixture(scope="module")
def strict(server: LiveServer, api: httpx.Client) -> Iterator[httpx.Client]:
    made = server.services.core.keys.create(KeyCreate("reader", "pedant", strict_fields=True))
    headers = {"authorization": f"Bearer {made.secret}"}
    with patient.Client(base_url=server.url, headers=headers, timeout=60.0) as client:
        yield client


def told(answer: httpx.Response) -> list[str]:
    """The names in the header."""
    assert answer.status_code in (200, 201), answer.text
    return [unquote(name) for name in answer.headers.get(HEADER, "").split(", ") if name]


def test_a_field_that_nobody_reads_is_told_in_header_and_answer(api: httpx.Client) -> None:
    answer = api.post("/v1/videos", json={**VIDEO, "secnds": "8", "flow_shift": 3.0})
    assert told(answer) == ["secnds", "flow_shift"]
    assert answer.json()["ignored"] == ["secnds", "flow_shift"]
    again = api.get(f"/v1/videos/{answer.json()['id']}")
    assert "ignored" not in again.json()
    assert HEADER not in again.headers


def test_a_form_is_told_as_well(api: httpx.Client) -> None:
    answer = api.post("/v1/videos", data={**VIDEO, "größe": "x"}, files={"unused": b""})
    assert told(answer) == ["größe"]


def test_a_task_tells_it_with_its_place(api: httpx.Client) -> None:
    body = {**task_body(remove_watermark=True), "quality": "high"}
    answer = api.post("/v1/videos/generations", json=body)
    assert told(answer) == ["quality", "input.remove_watermark"]
    assert answer.json()["data"]["ignored"] == ["quality", "input.remove_watermark"]


@pytest.mark.parametrize(("depth", "status"), [(90, 200), (250, 400), (100_000, 400)])
def test_values_that_nest_too_deeply_are_refused(
    api: httpx.Client, depth: int, status: int
) -> None:
    odd = '"odd": ' + "[" * depth + "]" * depth
    json_type = {"content-type": "application/json"}
    answer = api.post("/v1/videos", content=f'{{"prompt": "a fox", {odd}}}', headers=json_type)
    assert answer.status_code == status, answer.text

    form = {**VIDEO, "extra_params": f"{{{odd}}}"}
    answer = api.post("/v1/videos", data=form, files={"unused": b""})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"].startswith("extra_params")


def test_the_sora_dialect_tells_it_in_the_header_only(api: httpx.Client) -> None:
    body = {**CREATE, "camera": {"url": "https://a.example/b.png"}}
    answer = api.post("/backend/nf/create", json=body)
    assert told(answer) == ["camera"]
    assert "ignored" not in answer.text


def test_webhooks_uploads_and_posts_tell_it_too(api: httpx.Client, strict: httpx.Client) -> None:
    hook = {"name": "a", "url": "https://hooks.example/x", "event_types": ["video.completed"]}
    made = api.post("/v1/webhook_endpoints", json={**hook, "secret": "mine"})
    assert told(made) == ["secret"]
    path = f"/v1/webhook_endpoints/{made.json()['id']}"
    assert told(api.post(path, json={"name": "b", "retries": 3})) == ["retries"]
    assert told(api.post(f"{path}/rotate_secret", json={"now": True})) == ["now"]
    refused(strict.post(path, json={"names": "b"}), 400, "unsupported_value", "names")
    files = {"file": ("a.png", PICTURE, "image/png")}
    for upload in ("/backend/uploads", "/backend/project_y/file/upload"):
        assert told(api.post(upload, data={"use_case": "profile", "tag": "x"}, files=files)) == [
            "tag"
        ]
    item = {"generation_id": "gen_01", "kind": "sora", "caption": "x"}
    post = api.post("/backend/project_y/post", json={"attachments_to_create": [item], "mood": 1})
    assert post.headers[HEADER] == "mood, attachments_to_create.caption"


def test_what_the_sora_dialect_documents_without_effect_is_not_told(api: httpx.Client) -> None:
    body = {**CREATE, "title": "Draft your video", "use_image_as_first_frame": False}
    assert told(api.post("/backend/nf/create", json=body)) == []
    picture = {"type": "image_gen", "operation": "simple_compose", "prompt": "x", "n_frames": 1}
    assert told(api.post("/backend/video_gen", json={**picture, "title": "x"})) == []


@pytest.mark.parametrize(
    ("path", "fixed", "field", "name"),
    [
        ("/v1/videos", VIDEO, "input_reference", "input_reference"),
        ("/v1/videos", VIDEO, "image", "input_reference"),
        ("/v1/videos", VIDEO, "last_frame", "last_frame"),
        ("/v1/videos/generations", {}, "image_urls", "input.image_urls"),
    ],
)
def test_a_member_of_an_image_that_nobody_reads_is_told(
    api: httpx.Client, path: str, fixed: dict[str, Any], field: str, name: str
) -> None:
    image = {"type": "image_url", "image_url": {"url": DATA_URL, "detail": "high"}}
    for more, names in (({}, []), ({"strength": 0.7}, [f"{name}.strength"])):
        body = {**fixed, field: {**image, **more}}
        sent = body if fixed else task_body(**body)
        assert told(api.post(path, json=sent)) == names
    hidden = {**fixed, field: {**image, "pose": DATA_URL}}
    assert api.post(path, json=hidden if fixed else task_body(**hidden)).status_code == 400


def test_a_member_of_an_image_in_the_last_message_is_told(api: httpx.Client) -> None:
    def message(**more: Any) -> dict[str, Any]:
        image = {"url": DATA_URL, "detail": "high", **more}
        parts = [{"type": "image_url", "image_url": image}, {"type": "text", "text": "a fox"}]
        return {"role": "user", "content": parts}

    chat = {**CHAT, "stream": True, "messages": [message(old=1), message(strength=0.7)]}
    with api.stream("POST", "/v1/chat/completions", json=chat) as answer:
        assert told(answer) == ["messages[1].content[0].image_url.strength"]
    wrong = {**chat, "messages": [message(pose=DATA_URL)]}
    assert api.post("/v1/chat/completions", json=wrong).status_code == 400


def test_a_member_of_an_image_of_the_sora_dialect_is_told(api: httpx.Client) -> None:
    files = {"file": ("a.png", PICTURE, "image/png")}
    upload = api.post("/backend/uploads", files=files).json()["id"]
    item = {"kind": "upload", "upload_id": upload, "frame_index": 0, "weight": 0.5}
    answer = api.post("/backend/nf/create", json={**CREATE, "inpaint_items": [item]})
    assert told(answer) == ["inpaint_items.weight"]


def test_what_is_documented_without_effect_or_empty_is_not_told(api: httpx.Client) -> None:
    answer = api.post(
        "/v1/videos",
        json={**VIDEO, "style_preset": "", "tags": [], "meta": {}, "lora": None, "user": "me"},
    )
    assert told(answer) == []
    assert "ignored" not in answer.json()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pose_image", DATA_URL),
        ("last_picture", "https://a.example/last.png"),
        ("control", {"type": "depth", "source": {"url": "https://a.example/d.png"}}),
        ("references_ids", ["file-0123456789abcdef"]),
        ("depth_mask", base64.b64encode(PICTURE).decode()),
        ("webhook", "hooks.example/me"),
        ("notify_url", "https://a.example/hook"),
    ],
)
def test_a_file_a_reference_or_a_callback_that_nobody_reads_is_refused_by_name(
    server: LiveServer, api: httpx.Client, name: str, value: Any
) -> None:
    assert name in refused(
        api.post("/v1/videos", json={**VIDEO, name: value}), 400, "unsupported_value", name
    )
    assert name in invalid(api.post("/v1/videos/generations", json={**task_body(), name: value}))
    chat = api.post("/v1/chat/completions", json={**CHAT, name: value})
    assert chat.status_code == 400
    assert _jobs_named(server, name) == 0


def _jobs_named(server: LiveServer, name: str) -> int:
    with server.services.db.read() as conn:
        query = "SELECT count(*) FROM jobs WHERE prompt LIKE ?"
        if not server.services.db.is_sqlite:
            query = query.replace("?", "%s")
        return int(conn.exec_driver_sql(query, (f"%{name}%",)).scalar_one())


def test_a_file_part_that_nobody_reads_is_refused_by_name(api: httpx.Client) -> None:
    files = {"pose": ("pose.png", io.BytesIO(PICTURE), "image/png")}
    answer = api.post("/v1/videos", data=VIDEO, files=files)
    assert "pose" in refused(answer, 400, "unsupported_value", "pose")


@pytest.mark.parametrize(
    "name",
    [
        "image", "images", "image_url", "image_urls", "first_frame", "first_frame_image",
        "reference_image", "input_image", "file",
    ],
)  # fmt: skip
def test_the_first_frame_is_read_by_the_names_of_other_servers(
    api: httpx.Client, name: str
) -> None:
    for sent in (DATA_URL, [DATA_URL], {"image_url": DATA_URL}):
        answer = api.post("/v1/videos", json={**VIDEO, name: sent})
        assert told(answer) == []
    wrong = api.post("/v1/videos", json={**VIDEO, name: "data:image/png;base64,AAAA"})
    assert wrong.status_code == 400


def test_the_first_frame_of_a_form_is_read_by_other_names(api: httpx.Client) -> None:
    files = {"image": ("first.png", io.BytesIO(PICTURE), "image/png")}
    assert told(api.post("/v1/videos", data=VIDEO, files=files)) == []
    broken = {"image": ("first.png", io.BytesIO(b"no image"), "image/png")}
    assert api.post("/v1/videos", data=VIDEO, files=broken).status_code == 400


@pytest.mark.parametrize(
    "name",
    [
        "image_url", "image", "imageUrls", "images", "input_reference", "first_frame",
        "first_frame_image", "first_frame_url", "reference_image", "input_image", "file",
    ],
)  # fmt: skip
def test_a_task_reads_its_image_and_callback_by_other_names(api: httpx.Client, name: str) -> None:
    body = task_body(**{name: DATA_URL})
    assert told(api.post("/v1/videos/generations", json=body)) == []
    hostile = {**task_body(), "callBackUrl": "http://169.254.169.254/"}
    assert api.post("/v1/videos/generations", json=hostile).status_code == 400


def test_lengths_by_other_names_are_read(api: httpx.Client) -> None:
    body = {"prompt": "a fox", "n_seconds": 8, "n_variants": 2}
    made = api.post("/v1/videos", json=body).json()
    assert (made["seconds"], made["outputs"]) == ("8", 2)
    path, task = "/v1/videos/generations", {**task_body(seconds=8)}
    task["input"].pop("duration")
    assert told(api.post(path, json=task)) == []
    task["input"]["duration"] = 4
    assert "'seconds' and 'duration'" in invalid(api.post(path, json=task))


@pytest.mark.parametrize(
    ("body", "size"),
    [
        ({"width": 1280, "height": 720}, "1280x720"),
        ({"width": "720", "height": "1280"}, "720x1280"),
        ({"orientation": "landscape"}, "1280x720"),
        ({"aspect_ratio": "16:9"}, "1280x720"),
        ({"aspect_ratio": "9:16", "orientation": "portrait"}, "720x1280"),
        ({"aspect_ratio": "16:9", "size": "1280x720"}, "1280x720"),
        ({}, "720x1280"),
    ],
)
def test_a_shape_is_read_in_every_way_that_it_is_asked_for(
    api: httpx.Client, body: dict[str, Any], size: str
) -> None:
    answer = api.post("/v1/videos", json={"prompt": "a fox", **body})
    assert told(answer) == []
    assert answer.json()["size"] == size


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"width": 1280}, "height"),
        ({"width": 1280, "height": 720, "size": "720x1280"}, "width"),
        ({"orientation": "portrait", "aspect_ratio": "16:9"}, "aspect_ratio"),
        ({"orientation": "portrait", "size": "1280x720"}, "size"),
        ({"orientation": "square"}, "orientation"),
        ({"aspect_ratio": "wide"}, "aspect_ratio"),
        ({"width": 0, "height": 720}, "width"),
    ],
)
def test_shapes_that_disagree_or_do_not_exist_are_refused(
    api: httpx.Client, body: dict[str, Any], param: str
) -> None:
    answer = api.post("/v1/videos", json={"prompt": "a fox", **body})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == param


def test_the_shape_follows_the_first_frame_where_none_is_asked_for(api: httpx.Client) -> None:
    tall = f"data:image/png;base64,{base64.b64encode(png_bytes(720, 1280)).decode()}"
    for given_, size in ((DATA_URL, "1280x720"), (tall, "720x1280")):
        made = api.post("/v1/videos", json={"prompt": "a fox", "image": given_}).json()
        assert made["size"] == size
    body = {"prompt": "a fox", "image": DATA_URL, "size": "720x1280"}
    assert api.post("/v1/videos", json=body).json()["size"] == "720x1280"


def test_two_names_of_one_parameter_must_agree(api: httpx.Client) -> None:
    agreed = api.post("/v1/videos", json={**VIDEO, "n_seconds": 4})
    assert agreed.status_code == 200
    answer = api.post("/v1/videos", json={**VIDEO, "n_seconds": 8})
    assert "seconds" in refused(answer, 400, "invalid_value", "n_seconds")


def test_names_in_the_header_are_bounded(api: httpx.Client) -> None:
    body = {**VIDEO, **{f"{n:02}" + "x" * 100: n for n in range(1, 31)}}
    names = told(api.post("/v1/videos", json=body))
    assert len(names) == 21
    assert names[-1] == "+10"
    assert {len(name) for name in names[:-1]} == {64}


@pytest.mark.parametrize("name", ["+Ā", "+\r\nx-other: 1", "小猫", "a, b", "+10", "100%"])
def test_any_name_is_told_as_it_came(api: httpx.Client, name: str) -> None:
    answer = api.post("/v1/videos", json={**VIDEO, name: 1, "other": 2})

    assert told(answer) == [name, "other"]
    assert "x-other" not in answer.headers


VIDEO_ID = "video_" + "0" * 32
TOLD = (
    ("/v1/videos", VIDEO),
    ("/v1/video/generations", VIDEO),
    ("/openai/v1/video/generations/jobs", {"prompt": "a fox", "model": "sora-2"}),
    ("/v1/videos/generations", task_body()),
    ("/backend/nf/create", CREATE),
    ("/backend/nf/bulk_create", CREATE),
    ("/backend/nf/create/storyboard", STORYBOARD),
    ("/backend/video_gen", IMAGE),
    ("/backend/editor/enhance_prompt", {"prompt": "a fox"}),
)
REFUSED = (
    (f"/v1/videos/{VIDEO_ID}/remix", {"prompt": "a fox"}),
    ("/v1/videos/edits", {"prompt": "a fox", "video": {"id": VIDEO_ID}}),
    ("/v1/videos/extensions", {"prompt": "a fox", "video": {"id": VIDEO_ID}, "seconds": "4"}),
    ("/v1/images/generations", {"prompt": "a fox"}),
    ("/v1/images/edits", {"prompt": "a fox", "images": [{"image_url": DATA_URL}]}),
    ("/v1/chat/completions", CHAT),
)
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="[]\x00"), min_size=1, max_size=30)
SCALARS = st.integers(-(10**9), 10**9) | st.booleans() | st.floats(0, 1).map(lambda x: x + 0.5)


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.dictionaries(NAMES.map(lambda name: f"zz{name}"), SCALARS, min_size=1, max_size=20))
def test_any_unknown_field_of_any_create_is_told_or_refused(
    api: httpx.Client, strict: httpx.Client, extra: dict[str, Any]
) -> None:
    for path, body in TOLD:
        answer = api.post(path, json={**body, **extra})
        assert set(told(answer)) == set(extra)
    # Those that render before they answer, or change a finished video.
    for path, body in (*TOLD, *REFUSED):
        if not path.startswith("/backend"):
            answer = strict.post(path, json={**body, **extra})
            assert answer.status_code == 400, answer.text
            assert any(name in answer.json()["error"]["message"] for name in extra)


def test_a_strict_server_refuses_unknown_fields_and_names_the_nearest(tmp_path: Path) -> None:
    with open_live(tmp_path, workers=False, strict_fields=True) as server:
        headers = {"authorization": f"Bearer {server.new_key('strict')}"}
        with patient.Client(base_url=server.url, headers=headers) as api:
            answer = api.post("/v1/videos", json={**VIDEO, "secnds": "8"})
            assert "'seconds'" in refused(answer, 400, "unsupported_value", "secnds")
            task = api.post("/v1/videos/generations", json=task_body(durations=8))
            assert "'input.durations'" in invalid(task)
            assert "Did you mean 'input.duration'?" in invalid(task)
            image = {"image_url": "https://a.example/b.png", "detial": 1}
            answer = api.post("/v1/videos", json={**VIDEO, "image": image})
            told_name = refused(answer, 400, "unsupported_value", "input_reference.detial")
            assert "'input_reference.detail'" in told_name
            fine = api.post("/v1/videos", json={**VIDEO, "image": None, "tags": []})
            assert fine.status_code == 200
            assert told(api.post("/backend/nf/create", json={**CREATE, "x": 1})) == ["x"]


def test_a_strict_key_refuses_unknown_fields_where_others_are_told(
    server: LiveServer, api: httpx.Client
) -> None:
    made = server.services.core.keys.create(KeyCreate("reader", "exact", strict_fields=True))
    headers, body = {"authorization": f"Bearer {made.secret}"}, {**VIDEO, "secnds": "8"}
    answer = api.post("/v1/videos", json=body, headers=headers)
    assert "'seconds'" in refused(answer, 400, "unsupported_value", "secnds")
    sora = api.post("/backend/nf/create", json={**CREATE, "x": 1}, headers=headers)
    assert told(sora) == ["x"]
    assert told(api.post("/v1/videos", json=body)) == ["secnds"]
