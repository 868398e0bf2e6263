"""The tables of the tasks dialect leave nothing out, and say what its document says."""

from __future__ import annotations

import json

import pytest

from hinode.api.request_errors import RequestError, RequestErrorCode
from hinode.api.tasks.errors import (
    ERRORS,
    respond,
)
from hinode.core.errors import ErrorCode, HinodeError

DOCUMENTED = {
    "invalid_request": (400, "invalid_request_error"),
    "invalid_api_key": (401, "authentication_error"),
    "insufficient_credits": (402, "billing_error"),
    "ip_not_allowed": (403, "permission_error"),
    "model_not_found": (404, "invalid_request_error"),
    "task_not_found": (404, "invalid_request_error"),
    "rate_limit_exceeded": (429, "rate_limit_error"),
    "spend_limit_exceeded": (429, "billing_error"),
    "internal_error": (500, "api_error"),
    "upstream_error": (503, "upstream_error"),
}
ALL = list(ERRORS.values())


def test_the_tables_are_total() -> None:
    assert set(ERRORS) == {*ErrorCode, *RequestErrorCode}


@pytest.mark.from_captured_traffic
def test_documented_codes_have_their_documented_status_and_type() -> None:
    used = {wire.code: (wire.status, wire.type) for wire in ALL}

    assert {code: used[code] for code in DOCUMENTED} == DOCUMENTED


def test_each_code_has_one_status_and_one_type() -> None:
    kinds = {(wire.code, wire.status, wire.type) for wire in ALL}

    assert len(kinds) == len({wire.code for wire in ALL})


@pytest.mark.parametrize("code", ErrorCode)
def test_a_studio_error_becomes_an_envelope(code: ErrorCode) -> None:
    answer = respond(HinodeError(code, "The rule.", param="size", hint="Do this."))

    assert answer.status_code == ERRORS[code].status
    assert answer.media_type == "application/json"
    assert json.loads(bytes(answer.body)) == {
        "error": {
            "code": ERRORS[code].code,
            "message": "The rule. Do this.",
            "type": ERRORS[code].type,
        }
    }


def test_who_asks_too_often_is_told_when_to_ask_again() -> None:
    error = HinodeError(ErrorCode.RATE_LIMITED, "Too often.", retry_after=7)

    assert respond(error).headers["retry-after"] == "7"


def test_a_refusal_carries_its_headers() -> None:
    answer = respond(RequestError(RequestErrorCode.WRONG_METHOD, "No.", headers={"allow": "GET"}))

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
