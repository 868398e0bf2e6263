"""The tables of the OpenAI dialect leave nothing out."""

from __future__ import annotations

import json

import pytest

from hinode.api.errors import ErrorSpec
from hinode.api.openai.errors import (
    ERRORS,
    respond,
)
from hinode.api.request_errors import RequestError, RequestErrorCode
from hinode.core.errors import ErrorCode, HinodeError

ALL = list(ERRORS.values())


def test_the_tables_are_total() -> None:
    assert set(ERRORS) == {*ErrorCode, *RequestErrorCode}


@pytest.mark.parametrize("wire", ALL, ids=lambda wire: wire.code)
def test_every_error_is_one_that_clients_can_live_with(wire: ErrorSpec) -> None:
    assert 400 <= wire.status < 600
    assert wire.type
    assert wire.code == wire.code.lower()
    # The official SDKs send these again by themselves; ours would stay refused, but for those
    # that time alone heals.
    if wire.status in (408, 409, 429) and wire.code not in ("rate_limit_exceeded", "too_many_jobs"):
        assert wire.headers["x-should-retry"] == "false"


@pytest.mark.parametrize("code", ErrorCode)
def test_a_studio_error_becomes_an_envelope(code: ErrorCode) -> None:
    answer = respond(HinodeError(code, "The rule.", param="size", hint="Do this."))

    assert answer.status_code == ERRORS[code].status
    assert answer.media_type == "application/json"
    assert json.loads(bytes(answer.body)) == {
        "error": {
            "message": "The rule. Do this.",
            "type": ERRORS[code].type,
            "param": "size",
            "code": ERRORS[code].code,
        }
    }


def test_an_error_that_time_heals_says_how_long() -> None:
    error = HinodeError(ErrorCode.RATE_LIMITED, "Too fast.", retry_after=17)

    assert respond(error).headers["retry-after"] == "17"


def test_a_refusal_carries_its_headers() -> None:
    answer = respond(
        RequestError(RequestErrorCode.WRONG_METHOD, "No.", headers={"allow": "GET, POST"})
    )

    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST"
    assert json.loads(bytes(answer.body))["error"]["param"] is None
