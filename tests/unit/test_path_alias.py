"""Which path a spelling is served as."""

from __future__ import annotations

import pytest

from hinode.api.path_alias import served_path


@pytest.mark.parametrize(
    ("sent", "served"),
    [
        ("/v1/videos", "/v1/videos"),
        ("/sora/v1/videos", "/v1/videos"),
        ("/openai/v1/videos", "/v1/videos"),
        ("/v1//videos", "/v1/videos"),
        ("//v1/videos", "/v1/videos"),
        ("/v1/videos/", "/v1/videos"),
        ("/v1/videos//", "/v1/videos"),
        ("/v1/v1/videos", "/v1/videos"),
        ("/v1/v1/v1//videos/x/content/", "/v1/videos/x/content"),
        ("/openai//v1/v1/videos", "/v1/videos"),
        ("/backend//nf/check/", "/backend/nf/check"),
        ("/healthz/", "/healthz"),
        ("/", "/"),
        ("//", "/"),
        ("/v1", "/v1"),
        ("/v1/", "/v1"),
        ("/v1/v1x", "/v1/v1x"),
        ("/v11/videos", "/v11/videos"),
        ("/sora/sora/v1/videos", "/sora/sora/v1/videos"),
        ("/sora/healthz", "/sora/healthz"),
        ("/openai/v2/videos", "/openai/v2/videos"),
        ("/openai/videos/x/content", "/v1/videos/x/content"),
        ("/openai/deployments/sora-2/videos/x", "/v1/videos/x"),
        ("//openai//deployments//a%2Fb//images/generations/", "/v1/images/generations"),
        ("/openai/deployments/sora-2", "/v1/deployments/sora-2"),
        ("/openai", "/openai"),
        ("/openaix/videos", "/openaix/videos"),
        ("*", "*"),
        ("", "/"),
    ],
)
def test_slashes_and_bases(sent: str, served: str) -> None:
    assert served_path(sent.encode()).decode() == served


@pytest.mark.parametrize("model", ["a/b", "a//b", "a/", "a%2Fb", "a%2F%2Fb", "v1/v1", "v1//v1/"])
@pytest.mark.parametrize("base", ["/v1/models/", "/openai/v1//models//", "/v1/v1/models/"])
def test_ids_of_models_are_kept(base: str, model: str) -> None:
    assert served_path((base + model).encode()).decode() == f"/v1/models/{model}"


def test_only_the_list_of_models_has_no_id() -> None:
    for path in (b"/v1/models", b"/v1/models/", b"/v1/models//", b"/v1//models/"):
        assert served_path(path) == b"/v1/models"


@pytest.mark.parametrize("path", ["/files/x//0/video.mp4/", "/files/v1/v1/x", "/files//x"])
def test_signed_links_are_kept(path: str) -> None:
    assert served_path(path.encode()).decode() == path
    assert served_path(f"/{path}".encode()).decode() == path
