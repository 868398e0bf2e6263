"""The official SDK makes, edits and varies pictures, and keeps files, on a real server."""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from PIL import Image

from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.films import write_film
from tests.support.pictures import png_bytes

# The SDK calls videos and variations deprecated; here they are served.
pytestmark = [
    pytest.mark.filterwarnings("ignore:The Sora API"),
    pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning"),
]

PNG = png_bytes(64, 36)
MASK = png_bytes(64, 36, (255, 255, 255))


@pytest.fixture(scope="module")
def client(live: LiveServer) -> Iterator[OpenAI]:
    key = live.new_key("sdk")
    with OpenAI(base_url=f"{live.url}/v1", api_key=key, max_retries=0) as opened:
        yield opened


def kind_of(b64_json: str | None) -> str | None:
    assert b64_json is not None
    with Image.open(io.BytesIO(base64.b64decode(b64_json))) as image:
        return image.format


@pytest.mark.proven_by_official_client
def test_generate_with_a_gpt_model_gives_the_pictures_themselves(client: OpenAI) -> None:
    answer = client.images.generate(
        model="gpt-image-1",
        prompt="a paper boat",
        n=2,
        size="1536x1024",
        quality="high",
        background="opaque",
        moderation="low",
        output_format="webp",
        output_compression=80,
        user="user-1",
    )

    assert answer.data is not None
    assert [kind_of(one.b64_json) for one in answer.data] == ["WEBP", "WEBP"]
    assert (answer.size, answer.output_format) == ("1536x1024", "webp")
    assert answer.usage is not None
    assert answer.usage.total_tokens == 0
    assert answer.created > 0


@pytest.mark.our_choice
def test_generate_with_the_gateways_model_gives_links(client: OpenAI) -> None:
    answer = client.images.generate(model="sora_image", prompt="画小猫")

    assert answer.data is not None
    (picture,) = answer.data
    assert picture.b64_json is None
    assert picture.url is not None
    assert patient.get(picture.url).content.startswith(b"\x89PNG")


@pytest.mark.proven_by_official_client
def test_generate_streams_partial_pictures(client: OpenAI) -> None:
    with client.images.generate(
        model="gpt-image-1", prompt="a paper boat", stream=True, partial_images=2
    ) as stream:
        events = list(stream)

    kinds = [event.type for event in events]
    assert kinds == ["image_generation.partial_image"] * 2 + ["image_generation.completed"]
    for event in events:
        assert kind_of(event.b64_json) == "PNG"
        assert (event.size, event.output_format) == ("1024x1024", "png")
        assert event.created_at > 0
        if event.type == "image_generation.completed":
            assert event.usage.total_tokens == 0


@pytest.mark.proven_by_official_client
def test_edit_takes_one_picture_a_list_and_a_mask(client: OpenAI) -> None:
    alone = client.images.edit(model="gpt-image-1", image=PNG, prompt="at night")
    several = client.images.edit(
        model="gpt-image-1",
        image=[("a.png", PNG), ("b.png", io.BytesIO(png_bytes(20, 20)))],
        mask=("mask.png", MASK),
        prompt="at night",
        input_fidelity="high",
        n=2,
    )

    assert [len(one.data or []) for one in (alone, several)] == [1, 2]


@pytest.mark.proven_by_official_client
def test_edit_streams_events_of_its_own(client: OpenAI) -> None:
    with client.images.edit(
        model="gpt-image-1", image=[PNG], prompt="at night", stream=True, partial_images=1
    ) as stream:
        kinds = [event.type for event in stream]

    assert kinds == ["image_edit.partial_image", "image_edit.completed"]


@pytest.mark.proven_by_official_client
def test_edit_as_json_names_files(client: OpenAI) -> None:
    file = client.files.create(file=("boat.png", PNG), purpose="vision")

    answer = client.post(
        "/images/edits",
        body={"prompt": "at night", "images": [{"file_id": file.id}], "mask": {"file_id": file.id}},
        cast_to=openai.types.ImagesResponse,
    )

    assert len(answer.data or []) == 1


@pytest.mark.proven_by_official_client
def test_create_variation(client: OpenAI) -> None:
    answer = client.images.create_variation(
        image=("boat.png", PNG), n=2, size="1024x1024", response_format="b64_json"
    )

    assert [kind_of(one.b64_json) for one in answer.data or []] == ["PNG", "PNG"]


@pytest.mark.proven_by_official_client
def test_the_asynchronous_client_streams_too(live: LiveServer) -> None:
    async def kinds() -> list[str]:
        key = live.new_key("sdk")
        async with AsyncOpenAI(base_url=f"{live.url}/v1", api_key=key, max_retries=0) as client:
            stream = await client.images.generate(prompt="a boat", stream=True)
            return [event.type async for event in stream]

    assert asyncio.run(kinds()) == ["image_generation.completed"]


@pytest.mark.proven_by_official_client
def test_errors_have_the_classes_that_programs_catch(client: OpenAI, live: LiveServer) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.images.generate(prompt="a boat", n=10)
    assert refused.value.param == "n"
    assert "1 to 4" in refused.value.message

    with pytest.raises(openai.BadRequestError) as refused:
        client.images.edit(image=PNG, mask=png_bytes(36, 64), prompt="at night")
    assert refused.value.param == "mask"

    with pytest.raises(openai.NotFoundError):
        client.images.generate(prompt="a boat", model="no-such-model")
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve("file-1")
    with pytest.raises(openai.InternalServerError) as failed:
        client.with_options(max_retries=2).images.generate(prompt="[fail]")
    assert failed.value.code == "scripted"

    with pytest.raises(openai.APIError, match="told to fail"):
        list(client.images.generate(prompt="[fail]", stream=True))


@pytest.mark.proven_by_official_client
def test_files_are_kept_listed_read_and_deleted(client: OpenAI, tmp_path: Path) -> None:
    clip = write_film(tmp_path / "clip.mp4")
    picture = client.files.create(
        file=("boat.png", PNG),
        purpose="vision",
        expires_after={"anchor": "created_at", "seconds": 3600},
    )
    film = client.files.create(file=clip, purpose="user_data")

    assert picture.filename == "boat.png"
    assert picture.expires_at == picture.created_at + 3600
    assert (film.filename, film.bytes) == ("clip.mp4", clip.stat().st_size)
    assert client.files.retrieve(film.id) == film
    assert client.files.content(film.id).read() == clip.read_bytes()

    everything = list(client.files.list(limit=1))
    assert {picture.id, film.id} <= {one.id for one in everything}
    assert len({one.id for one in everything}) == len(everything)
    assert [one.id for one in client.files.list(purpose="user_data", order="asc")] == [film.id]

    assert client.files.delete(film.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.files.content(film.id)


@pytest.mark.proven_by_official_client
def test_a_video_starts_on_a_file(client: OpenAI) -> None:
    file = client.files.create(file=("boat.png", PNG), purpose="vision")

    video = client.post(
        "/videos",
        body={"prompt": "a boat", "input_reference": {"file_id": file.id}},
        cast_to=openai.types.Video,
    )

    assert client.videos.poll(video.id, poll_interval_ms=50).status == "completed"
