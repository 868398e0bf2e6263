"""Which route an unknown path was probably meant for."""

from __future__ import annotations

import pytest

from hinode.api.near_paths import near_path

RESPONSES = "/v1/chat/completions (`provider.chat(model)` in the AI SDK)"
SERVED = [
    "/v1/videos",
    "/v1/videos/generations",
    "/v1/images/generations",
    "/v1/tasks",
    "/v1/models",
]


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("/v2/videos/generations", "/v1/videos/generations"),
        ("/v2/videos/generations/abc", "/v1/tasks/{task_id}"),
        ("/v1/videos/generation", "/v1/videos/generations"),
        ("/videos", "/v1/videos"),
        ("/api/v1/videos", "/v1/videos"),
        ("/v1beta/videos", "/v1/videos"),
        ("/v1/video/create", "/v1/videos"),
        ("/v1/images/generate", "/v1/images/generations"),
        ("/v1/responses", RESPONSES),
        ("/models", "/v1/models"),
        ("/favicon.ico", None),
        ("/", None),
        ("/v1", None),
        ("/v1/audio/speech", None),
        ("/v1/videos/" + "x" * 200, None),
    ],
)
def test_near_misses_are_told(path: str, near: str | None) -> None:
    assert near_path(path, SERVED) == near
