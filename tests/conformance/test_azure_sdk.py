"""The official SDK's client for Azure, with its header of the key and its query of the version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai import AzureOpenAI

from hinode.testing.server import LiveServer
from tests.support import patient

pytestmark = [
    pytest.mark.proven_by_official_client,
    pytest.mark.filterwarnings("ignore:The Sora API"),
]


@pytest.fixture(scope="module")
def older(live: LiveServer) -> Iterator[AzureOpenAI]:
    """A client that is told the endpoint only: it puts the model of some calls into the path."""
    with AzureOpenAI(
        azure_endpoint=live.url,
        api_key=live.new_key("azure"),
        api_version="2025-04-01-preview",
        max_retries=0,
    ) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(live: LiveServer) -> Iterator[AzureOpenAI]:
    with AzureOpenAI(
        base_url=f"{live.url}/openai/v1",
        api_key=live.new_key("azure"),
        api_version="preview",
        max_retries=0,
    ) as opened:
        yield opened


def test_a_video_goes_from_create_to_download(client: AzureOpenAI) -> None:
    video = client.videos.create_and_poll(
        prompt="a fox", model="sora-2", seconds="4", size="1280x720", poll_interval_ms=20
    )

    assert (video.status, video.size, video.seconds) == ("completed", "1280x720", "4")
    assert not (video.model_extra or {}).get("ignored")
    assert client.videos.download_content(video.id).read()[4:8] == b"ftyp"
    assert video.id in [one.id for one in client.videos.list()]
    assert client.videos.delete(video.id).deleted


def test_a_wrong_key_is_its_own_error(client: AzureOpenAI) -> None:
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="sk-wrong").videos.list()


def test_deployments_are_models(older: AzureOpenAI) -> None:
    images = older.images.generate(model="gpt-image-1", prompt="a cat")
    messages: Any = [{"role": "user", "content": "a cat"}]
    chat = older.chat.completions.create(model="sora_image", messages=messages)
    video = older.videos.create_and_poll(prompt="a fox", model="sora-2-pro", poll_interval_ms=20)

    assert [bool(image.b64_json) for image in images.data or []] == [True]
    assert (chat.choices[0].message.content or "").startswith("![image](http://")
    assert (video.status, video.model) == ("completed", "sora-2-pro")
    assert "sora-2" in [model.id for model in older.models.list()]


@pytest.mark.parametrize(("named", "used"), [({}, "sora-2-pro"), ({"model": "sora-2"}, "sora-2")])
def test_a_deployment_is_the_default_model(
    live: LiveServer, older: AzureOpenAI, named: dict[str, str], used: str
) -> None:
    answer = patient.post(
        f"{live.url}/openai/deployments/sora-2-pro/videos?api-version=preview",
        headers={"api-key": older.api_key},
        json={"prompt": "a fox"} | named,
    )

    assert answer.status_code == 200, answer.text
    assert answer.json()["model"] == used
    assert "x-hinode-ignored" not in answer.headers
