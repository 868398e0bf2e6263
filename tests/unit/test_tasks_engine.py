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

from hinode.api.tasks.errors import REFUSALS, STUDIO_ERRORS
from hinode.engines.remote.failures import Fault, UpstreamError
from hinode.engines.remote.http import Answer
from hinode.engines.tasks.failures import of_refusal
from hinode.engines.tasks.first_frame import MOST_BYTES, data_url


@dataclass(frozen=True, slots=True)
class Refused:
    """A documented refusal and whose fault it is."""

    status: int
    code: str
    fault: Fault


# The table of the task API's documentation.
DOCUMENTED = (
    Refused(400, "invalid_request", Fault.REQUEST),
    Refused(401, "invalid_api_key", Fault.IDENTITY),
    Refused(402, "insufficient_credits", Fault.QUOTA),
    Refused(403, "ip_not_allowed", Fault.IDENTITY),
    Refused(404, "model_not_found", Fault.REQUEST),
    Refused(404, "task_not_found", Fault.LOST),
    Refused(429, "rate_limit_exceeded", Fault.BUSY),
    Refused(429, "spend_limit_exceeded", Fault.QUOTA),
    Refused(500, "internal_error", Fault.SERVER),
    Refused(503, "upstream_error", Fault.RENDER),
)


def refusal(status: int, code: str, message: str = "It is so.", **headers: str) -> UpstreamError:
    error = {"code": code, "message": message, "type": "api_error"}
    body = json.dumps({"error": error}).encode()
    return of_refusal(Answer(status, httpx.Headers(headers), body))


@pytest.mark.parametrize("one", DOCUMENTED, ids=lambda one: one.code)
def test_documented_codes_say_whose_fault_it_is(one: Refused) -> None:
    error = refusal(one.status, one.code)
    assert (error.fault, error.status) == (one.fault, one.status)
    assert refusal(one.status, one.code, **{"retry-after": "7"}).retry_after == 7


def test_what_hinode_answers_is_understood() -> None:
    """Another engine is asked only where this one surely made nothing, and not for our mistakes."""
    for wire in (*STUDIO_ERRORS.values(), *REFUSALS.values()):
        error = refusal(wire.status, wire.code)
        if wire.status in (401, 402, 403, 429):
            assert error.untaken, wire
        if wire.status in (400, 404, 405, 409):
            assert not error.untaken, wire


def test_an_upstream_error_that_asks_to_wait_is_no_fault_of_the_request() -> None:
    assert refusal(503, "upstream_error", **{"retry-after": "7"}).fault is Fault.BUSY


@pytest.mark.parametrize(
    ("status", "code"), [(503, "upstream_error"), (400, "invalid_request")], ids=["503", "400"]
)
def test_refused_content_is_told_by_the_words(status: int, code: str) -> None:
    error = refusal(status, code, "The prompt contains sensitive or violating content")
    assert error.fault is Fault.MODERATION


def test_a_first_frame_of_noise_is_sent_as_a_smaller_jpeg(tmp_path: Path) -> None:
    picture = tmp_path / "noise.png"
    noise = np.random.default_rng(7).integers(0, 256, (1440, 2560, 3), np.uint8)
    Image.fromarray(noise).save(picture, compress_level=1)
    assert picture.stat().st_size > MOST_BYTES

    head, _, data = data_url(picture, 2560, 1440).partition(",")

    sent = base64.b64decode(data)
    assert head == "data:image/jpeg;base64"
    assert len(sent) <= MOST_BYTES
    with Image.open(io.BytesIO(sent)) as image:
        assert image.size == (2560, 1440)
