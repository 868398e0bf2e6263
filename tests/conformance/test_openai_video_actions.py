"""The official SDK remixes, edits, extends and makes characters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import openai
import pytest
from openai import OpenAI
from openai.types import Video

from hinode.testing.server import LiveServer
from tests.support.films import write_film

pytestmark = [
    pytest.mark.proven_by_official_client,
    # What this project is for: the SDK says so of its own videos API.
    pytest.mark.filterwarnings("ignore:The Sora API"),
]


@pytest.fixture(scope="module", params=["/v1", "/sora/v1"])
def client(live: LiveServer, request: pytest.FixtureRequest) -> Iterator[OpenAI]:
    key = live.new_key("official")
    with OpenAI(base_url=f"{live.url}{request.param}", api_key=key, max_retries=0) as opened:
        yield opened


@pytest.fixture(scope="module")
def parent(client: OpenAI) -> Video:
    return client.videos.create_and_poll(
        prompt="a fox", seconds="8", size="1280x720", poll_interval_ms=20
    )


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return write_film(tmp_path / "film.mp4", 90, 160, seconds=2.0)


def finished(client: OpenAI, video: Video) -> Video:
    ended = client.videos.poll(video.id, poll_interval_ms=20)
    assert ended.status == "completed"
    assert client.videos.download_content(ended.id).read()[4:8] == b"ftyp"
    return ended


def test_remix(client: OpenAI, parent: Video) -> None:
    video = finished(client, client.videos.remix(parent.id, prompt="at night"))

    assert (video.remixed_from_video_id, video.prompt) == (parent.id, "at night")
    assert (video.size, video.seconds, video.model) == ("1280x720", "8", "sora-2")


def test_remix_with_the_gateways_fields(client: OpenAI, parent: Video) -> None:
    extra = {"model": "sora-2-pro", "size": "1792x1024", "seconds": 4}
    video = client.videos.remix(parent.id, prompt="at night", extra_body=extra)

    assert (video.model, video.size, video.seconds) == ("sora-2-pro", "1792x1024", "4")


def test_edit_of_a_file(client: OpenAI, film: Path) -> None:
    video = finished(
        client,
        client.videos.edit(prompt="at night", video=film, extra_body={"model": "sora-2"}),
    )

    assert (video.size, video.seconds) == ("720x1280", "2")


def test_an_edit_and_an_extension_of_a_file_without_a_model(client: OpenAI, film: Path) -> None:
    edited = client.videos.edit(prompt="at night", video=film)
    extended = client.videos.extend(prompt="it goes on", seconds="4", video=film)

    assert edited.model == extended.model == client.videos.create(prompt="a fox").model


def test_edit_of_a_video_by_its_id(client: OpenAI, parent: Video) -> None:
    # The typed parameter takes an id, but the SDK refuses to send it; this way it does.
    body = {"prompt": "at night", "video": {"id": parent.id}}
    video = finished(client, client.post("/videos/edits", body=body, cast_to=Video))

    assert (video.size, video.seconds) == ("1280x720", "8")


def test_extend_a_file(client: OpenAI, film: Path) -> None:
    video = finished(
        client,
        client.videos.extend(
            prompt="it goes on", seconds="4", video=film, extra_body={"model": "sora-2"}
        ),
    )

    assert video.seconds == "6"


def test_extend_a_video_by_its_id(client: OpenAI, parent: Video) -> None:
    body = {"prompt": "it goes on", "seconds": "12", "video": {"id": parent.id}}
    video = client.post("/videos/extensions", body=body, cast_to=Video)

    assert (video.seconds, video.remixed_from_video_id) == ("20", None)


def test_ids_in_bracketed_parts(client: OpenAI, parent: Video) -> None:
    """What the Node SDK sends for an object with an id."""
    video = client.post(
        "/videos/edits",
        body={"prompt": "at night", "video": {"id": parent.id}},
        options={"headers": {"content-type": "multipart/form-data"}},
        files=[],
        cast_to=Video,
    )

    assert video.status == "queued"


def test_characters(client: OpenAI, film: Path) -> None:
    made = client.videos.create_character(name="Mossy", video=film.read_bytes())

    assert made.id is not None
    found = client.videos.get_character(made.id)
    assert (found.id, found.name, found.created_at) == (made.id, "Mossy", made.created_at)
    body = {"characters": [{"id": made.id}]}
    finished(client, client.videos.create(prompt="a walk", extra_body=body))


def test_errors_are_the_sdks_own(client: OpenAI, parent: Video, film: Path) -> None:
    nobody = "video_" + "0" * 32
    with pytest.raises(openai.NotFoundError) as missing:
        client.videos.remix(nobody, prompt="x")
    assert (missing.value.code, missing.value.param) == ("not_found", "id")
    with pytest.raises(openai.BadRequestError) as bad:
        client.videos.edit(prompt="x", video=film, extra_body={"model": "sora-2", "n": 0})
    assert (bad.value.code, bad.value.param) == ("unsupported_value", "n")
    with pytest.raises(openai.BadRequestError) as bad:
        client.videos.create_character(name="Bob", video=b"no video at all")
    assert (bad.value.code, bad.value.param) == ("invalid_video", "video")
    with pytest.raises(openai.NotFoundError):
        client.videos.get_character("char_" + "0" * 32)


def test_a_promise_is_kept(client: OpenAI, parent: Video) -> None:
    headers = {"Idempotency-Key": f"remix-{parent.id}"}
    first = client.videos.remix(parent.id, prompt="at night", extra_headers=headers)
    again = client.videos.remix(parent.id, prompt="at night", extra_headers=headers)

    assert first.id == again.id
