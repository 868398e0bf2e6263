"""The official SDK's client for Azure, with its header of the key and its query of the version."""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest
from openai import AzureOpenAI

from hinode.testing.server import LiveServer
from tests.support.live import DBOS

pytestmark = [
    DBOS,
    pytest.mark.proven_by_official_client,
    pytest.mark.filterwarnings("ignore:The Sora API"),
]


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
