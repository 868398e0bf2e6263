"""What the engine for the task API makes of refusals, and of first frames."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from hinode.api.tasks.errors import ERRORS
from hinode.engines.hosted.pictures import MAX_IMAGE_BYTES, data_url
from hinode.engines.remote.errors import FailureKind, UpstreamError
from hinode.engines.remote.http import UpstreamResponse
from hinode.engines.tasks.error_mapping import error_from_rejection


@dataclass(frozen=True, slots=True)
class Refused:
    """A documented refusal and whose fault it is."""

    status: int
    code: str
    failure_kind: FailureKind


# The table of the task API's documentation.
DOCUMENTED = (
    Refused(400, "invalid_request", FailureKind.INVALID_REQUEST),
    Refused(401, "invalid_api_key", FailureKind.UNAUTHORIZED),
    Refused(402, "insufficient_credits", FailureKind.QUOTA),
    Refused(403, "ip_not_allowed", FailureKind.UNAUTHORIZED),
    Refused(404, "model_not_found", FailureKind.INVALID_REQUEST),
    Refused(404, "task_not_found", FailureKind.LOST),
    Refused(429, "rate_limit_exceeded", FailureKind.BUSY),
    Refused(429, "spend_limit_exceeded", FailureKind.QUOTA),
    Refused(500, "internal_error", FailureKind.SERVER_ERROR),
    Refused(503, "upstream_error", FailureKind.RENDER_FAILED),
)


def refusal(status: int, code: str, message: str = "It is so.", **headers: str) -> UpstreamError:
    error = {"code": code, "message": message, "type": "api_error"}
    body = json.dumps({"error": error}).encode()
    return error_from_rejection(UpstreamResponse(status, httpx.Headers(headers), body))


@pytest.mark.parametrize("one", DOCUMENTED, ids=lambda one: one.code)
def test_documented_codes_say_whose_fault_it_is(one: Refused) -> None:
    error = refusal(one.status, one.code)
    assert (error.failure_kind, error.status) == (one.failure_kind, one.status)
    assert refusal(one.status, one.code, **{"retry-after": "7"}).retry_after == 7


def test_what_hinode_answers_is_understood() -> None:
    """Another engine is asked only where this one surely made nothing, and not for our mistakes."""
    for wire in ERRORS.values():
        error = refusal(wire.status, wire.code)
        if wire.status in (401, 402, 403, 429):
            assert error.not_accepted, wire
        if wire.status in (400, 404, 405, 409):
            assert not error.not_accepted, wire


def test_an_upstream_error_that_asks_to_wait_is_no_fault_of_the_request() -> None:
    assert refusal(503, "upstream_error", **{"retry-after": "7"}).failure_kind is FailureKind.BUSY


@pytest.mark.parametrize(
    ("status", "code"), [(503, "upstream_error"), (400, "invalid_request")], ids=["503", "400"]
)
def test_refused_content_is_told_by_the_words(status: int, code: str) -> None:
    error = refusal(status, code, "The prompt contains sensitive or violating content")
    assert error.failure_kind is FailureKind.MODERATION


def test_a_first_frame_of_noise_is_sent_as_a_smaller_jpeg(tmp_path: Path) -> None:
    picture = tmp_path / "noise.png"
    noise = np.random.default_rng(7).integers(0, 256, (1440, 2560, 3), np.uint8)
    Image.fromarray(noise).save(picture, compress_level=1)
    assert picture.stat().st_size > MAX_IMAGE_BYTES

    head, _, data = data_url(picture, 2560, 1440).partition(",")

    sent = base64.b64decode(data)
    assert head == "data:image/jpeg;base64"
    assert len(sent) <= MAX_IMAGE_BYTES
    with Image.open(io.BytesIO(sent)) as image:
        assert image.size == (2560, 1440)
