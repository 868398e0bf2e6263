"""The unmodified official Python SDK against a real server over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from PIL import Image

from hinode.media.probe import probe
from hinode.testing.server import LiveServer
from tests.support.hinode_process import HinodeProcess
from tests.support.pictures import png_bytes

# What this project is for: the SDK says so of its own videos API.
pytestmark = pytest.mark.filterwarnings("ignore:The Sora API")
proven_by_official_client = pytest.mark.proven_by_official_client


def connect(live: LiveServer, account: str = "sdk") -> OpenAI:
    return OpenAI(base_url=f"{live.url}/v1", api_key=live.new_key(account))


@pytest.fixture
def client(live: LiveServer) -> Iterator[OpenAI]:
    with connect(live) as opened:
        yield opened


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenAI]:
    """A client of `hinode serve` as a newcomer starts it, with the engine that really draws."""
    server = HinodeProcess(tmp_path_factory.mktemp("rendered") / "data")
    server.start()
    with OpenAI(base_url=f"{server.address}/v1", api_key=server.key) as opened:
        yield opened
    server.stop()


@proven_by_official_client
def test_create_poll_and_download_what_was_asked_for(rendered: OpenAI, tmp_path: Path) -> None:
    video = rendered.videos.create_and_poll(
        prompt="a lighthouse in a storm", model="sora-2", seconds="4", size="1280x720"
    )

    assert (video.status, video.progress, video.error) == ("completed", 100, None)
    assert (video.model, video.seconds, video.size) == ("sora-2", "4", "1280x720")
    assert video.completed_at is not None
    assert video.expires_at is not None
    assert video.created_at <= video.completed_at < video.expires_at

    film, thumbnail, sheet = (tmp_path / name for name in ("a.mp4", "a.webp", "a.jpg"))
    rendered.videos.download_content(video.id).write_to_file(film)
    rendered.videos.download_content(video.id, variant="thumbnail").write_to_file(thumbnail)
    rendered.videos.download_content(video.id, variant="spritesheet").write_to_file(sheet)

    facts = probe(film)
    assert (facts.width, facts.height, facts.frames, facts.fps) == (1280, 720, 120, 30.0)
    assert facts.duration == pytest.approx(4.0, abs=0.05)
    assert facts.has_audio
    for path, kind in ((thumbnail, "WEBP"), (sheet, "JPEG")):
        with Image.open(path) as picture:
            picture.load()
            assert picture.format == kind


@proven_by_official_client
def test_a_picture_as_path_tuple_bytes_or_list_becomes_the_first_frame(
    client: OpenAI, tmp_path: Path
) -> None:
    picture = png_bytes(64, 36)
    path = tmp_path / "first.png"
    path.write_bytes(picture)
    spellings = (path, picture, ("first.png", picture), ("first.png", picture, "image/png"))

    for spelling in spellings:
        video = client.videos.create_and_poll(prompt="a walk", input_reference=spelling)
        assert video.status == "completed"


@proven_by_official_client
def test_create_answers_at_once_and_retrieve_tells_more(client: OpenAI) -> None:
    created = client.videos.create(prompt="[stall] a fox", seconds="8")

    assert (created.status, created.progress, created.object) == ("queued", 0, "video")
    assert created.id.startswith("video_")
    assert created.prompt == "[stall] a fox"
    assert created.error is None
    found = client.videos.retrieve(created.id)
    assert found.status in ("queued", "in_progress")
    assert (found.id, found.seconds, found.size) == (created.id, "8", "720x1280")
    assert found._request_id
    client.videos.delete(created.id)


@proven_by_official_client
def test_the_poll_helper_is_told_when_to_ask_again(client: OpenAI) -> None:
    answer = client.videos.with_raw_response.create(prompt="a fox")

    assert int(answer.headers["openai-poll-after-ms"]) > 0
    assert client.videos.poll(answer.parse().id).status == "completed"


@proven_by_official_client
def test_list_pages_by_itself_over_fifty_jobs(live: LiveServer) -> None:
    with connect(live, "lister") as client:
        made = [client.videos.create(prompt=f"fox {number}").id for number in range(50)]

        newest_first = [video.id for video in client.videos.list()]
        oldest_first = [video.id for video in client.videos.list(limit=7, order="asc")]

    assert newest_first == made[::-1]
    assert oldest_first == made


@proven_by_official_client
def test_delete_forgets_a_video(client: OpenAI) -> None:
    video = client.videos.create_and_poll(prompt="a fox")

    deleted = client.videos.delete(video.id)

    assert (deleted.id, deleted.deleted, deleted.object) == (video.id, True, "video.deleted")
    with pytest.raises(openai.NotFoundError):
        client.videos.retrieve(video.id)


@proven_by_official_client
def test_a_failed_job_is_returned_and_not_raised(client: OpenAI) -> None:
    video = client.videos.create_and_poll(prompt="[fail] a fox")

    assert video.status == "failed"
    assert video.error is not None
    assert video.error.code == "scripted"
    assert "told to fail" in video.error.message
    with pytest.raises(openai.BadRequestError) as caught:
        client.videos.download_content(video.id)
    assert caught.value.code == "video_failed"


@proven_by_official_client
def test_a_wrong_key_raises_and_says_so(live: LiveServer) -> None:
    with (
        OpenAI(base_url=f"{live.url}/v1", api_key="sk-wrong") as client,
        pytest.raises(openai.AuthenticationError) as caught,
    ):
        client.videos.create(prompt="a fox")

    assert (caught.value.code, caught.value.type) == ("invalid_api_key", "invalid_request_error")
    assert caught.value.request_id


@proven_by_official_client
def test_an_unknown_id_raises_at_once(client: OpenAI) -> None:
    unknown = "video_" + "0" * 32
    for call in (client.videos.retrieve, client.videos.delete, client.videos.download_content):
        with pytest.raises(openai.NotFoundError) as caught:
            call(unknown)
        assert caught.value.code == "not_found"


@proven_by_official_client
def test_a_bad_size_raises_with_the_field_and_what_would_do(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="720x1280") as caught:
        client.videos.create(prompt="a fox", size="640x480")  # type: ignore[arg-type]

    assert (caught.value.param, caught.value.code) == ("size", "unsupported_value")


@proven_by_official_client
def test_downloads_can_be_streamed(client: OpenAI, tmp_path: Path) -> None:
    video = client.videos.create_and_poll(prompt="a fox")
    path = tmp_path / "fox.mp4"

    with client.videos.with_streaming_response.download_content(video.id) as answer:
        answer.stream_to_file(path)
        length = int(answer.headers["content-length"])

    assert path.stat().st_size == length
    assert probe(path).frames == 3


@proven_by_official_client
def test_extra_body_carries_what_the_sdk_has_no_words_for(client: OpenAI) -> None:
    video = client.videos.create(prompt="a fox", extra_body={"seed": 7, "n": 2, "watermark": True})

    assert (video.seed, video.outputs, video.fps) == (7, 2, 30)  # type: ignore[attr-defined]


@proven_by_official_client
def test_a_caller_given_idempotency_key_makes_one_job(client: OpenAI) -> None:
    headers = {"Idempotency-Key": "once"}

    first, second = (client.videos.create(prompt="x", extra_headers=headers) for _ in range(2))

    assert first.id == second.id
    with pytest.raises(openai.ConflictError) as caught:
        client.videos.create(prompt="y", extra_headers=headers)
    # A conflict is one of those that the SDK sends again unless it is told not to.
    assert caught.value.response.request.headers["x-stainless-retry-count"] == "0"


@proven_by_official_client
def test_models_are_listed_and_found(client: OpenAI) -> None:
    listed = {model.id: model for model in client.models.list()}

    assert {"sora-2", "sora-2-pro"} <= set(listed)
    assert client.models.retrieve("sora-2").owned_by == "hinode"
    with pytest.raises(openai.NotFoundError) as caught:
        client.models.retrieve("Wan-AI/Wan2.2")
    assert caught.value.code == "model_not_found"


async def _create_and_download(live: LiveServer) -> bytes:
    async with AsyncOpenAI(base_url=f"{live.url}/v1", api_key=live.new_key("sdk")) as client:
        video = await client.videos.create_and_poll(prompt="a fox")
        return (await client.videos.download_content(video.id)).content


@proven_by_official_client
def test_the_async_client_does_the_same(live: LiveServer) -> None:
    assert asyncio.run(_create_and_download(live))[4:8] == b"ftyp"
