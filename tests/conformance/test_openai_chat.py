"""The official SDK chats with a real server: pictures and videos, whole and as streams."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator

import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types.chat import ChatCompletionChunk, ChatCompletionUserMessageParam

from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.chat import links_in
from tests.support.openai import DATA_URL


@pytest.fixture(scope="module")
def client(live: LiveServer) -> Iterator[OpenAI]:
    key = live.new_key("sdk-chat")
    with OpenAI(base_url=f"{live.url}/v1", api_key=key) as opened:
        yield opened


def user(text: str) -> ChatCompletionUserMessageParam:
    return {"role": "user", "content": text}


def thoughts(chunks: list[ChatCompletionChunk]) -> str:
    """The extra attribute of a delta, as chat clients read it."""
    deltas = [choice.delta for chunk in chunks for choice in chunk.choices]
    return "".join(getattr(delta, "reasoning_content", None) or "" for delta in deltas)


def content(chunks: list[ChatCompletionChunk]) -> str:
    return "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)


@pytest.mark.proven_by_official_client
def test_a_whole_completion_has_what_the_type_says(client: OpenAI) -> None:
    answer = client.chat.completions.create(model="sora_image", messages=[user("画小猫")], n=2)

    assert answer.object == "chat.completion"
    assert answer.id.startswith("chatcmpl-")
    assert [choice.index for choice in answer.choices] == [0, 1]
    for choice in answer.choices:
        assert (choice.finish_reason, choice.message.role) == ("stop", "assistant")
        assert choice.message.refusal is None
        assert choice.message.content is not None
        assert patient.get(links_in(choice.message.content)[0]).content.startswith(b"\x89PNG")
    assert answer.usage is not None
    assert answer.usage.total_tokens > 0


@pytest.mark.from_captured_traffic
def test_a_video_is_a_player_as_sora2api_writes_it(client: OpenAI) -> None:
    answer = client.chat.completions.create(
        model="sora2-landscape-10s", messages=[user("a fox")], extra_body={"seed": 7}
    )

    text = answer.choices[0].message.content
    assert text is not None
    player = re.search(r"```html\n<video src='([^']+)' controls></video>\n```", text)
    assert player is not None
    assert patient.get(player[1]).headers["content-type"] == "video/mp4"


@pytest.mark.proven_by_official_client
def test_a_stream_is_read_to_its_end_with_thoughts_and_usage(client: OpenAI) -> None:
    with client.chat.completions.create(
        model="sora_video2",
        messages=[user("a fox")],
        stream=True,
        stream_options={"include_usage": True},
    ) as stream:
        chunks = list(stream)

    assert len({(one.id, one.created, one.model) for one in chunks}) == 1
    assert chunks[0].choices[0].delta.role == "assistant"
    assert "video_" in thoughts(chunks)
    assert "<video src='" in content(chunks)
    assert [one.choices[0].finish_reason for one in chunks if one.choices][-1] == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None


@pytest.mark.proven_by_official_client
def test_pictures_to_start_from_are_parts(client: OpenAI) -> None:
    answer = client.chat.completions.create(
        model="sora_image",
        messages=[
            user("a fox"),
            {"role": "assistant", "content": "![image](http://localhost/old.png)"},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "换个风格"},
                    {"type": "image_url", "image_url": {"url": DATA_URL, "detail": "auto"}},
                ],
            },
        ],
    )

    assert (answer.choices[0].message.content or "").startswith("![image](")


@pytest.mark.proven_by_official_client
def test_an_error_on_the_way_is_raised(client: OpenAI) -> None:
    seen: list[ChatCompletionChunk] = []
    with (
        pytest.raises(openai.APIError, match="told to fail") as raised,
        client.chat.completions.create(
            model="sora_video2", messages=[user("a fox [fail]")], stream=True
        ) as stream,
    ):
        seen.extend(stream)

    assert raised.value.code == "scripted"
    assert "video_" in thoughts(seen)
    assert content(seen) == ""


@pytest.mark.proven_by_official_client
def test_a_failed_job_is_raised_once_and_not_made_again(client: OpenAI, live: LiveServer) -> None:
    with live.services.db.read() as conn:
        before = conn.exec_driver_sql("SELECT count(*) FROM jobs").scalar_one()
    with pytest.raises(openai.InternalServerError, match="told to fail"):
        client.chat.completions.create(model="sora_image", messages=[user("a fox [fail]")])
    with live.services.db.read() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM jobs").scalar_one() == before + 1


@pytest.mark.proven_by_official_client
def test_bad_requests_are_raised_before_a_stream_begins(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as missing:
        client.chat.completions.create(model="gpt-5", messages=[user("a")], stream=True)
    with pytest.raises(openai.BadRequestError) as empty:
        client.chat.completions.create(model="sora_image", messages=[user("")], stream=True)

    assert (missing.value.code, missing.value.param) == ("model_not_found", "model")
    assert empty.value.param == "messages"


@pytest.mark.proven_by_official_client
def test_the_async_client_streams_too(live: LiveServer) -> None:
    async def chat() -> list[ChatCompletionChunk]:
        key = live.new_key("sdk-chat-async")
        async with AsyncOpenAI(base_url=f"{live.url}/sora/v1", api_key=key) as client:
            stream = await client.chat.completions.create(
                model="sora_image", messages=[user("a fox")], stream=True
            )
            return [chunk async for chunk in stream]

    assert content(asyncio.run(chat())).startswith("![image](")
