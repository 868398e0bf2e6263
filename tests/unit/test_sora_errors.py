"""The tables of the Sora dialect leave nothing out, and no answer sets off clients' traps."""

from __future__ import annotations

import json

import pytest

from hinode.api.request_errors import RequestError, RequestErrorCode
from hinode.api.sora.errors import (
    ERRORS,
    HEAVY_LOAD,
    respond,
)
from hinode.core.errors import ErrorCode, HinodeError

TRAPS = ("400", "401", "403", "429")


def body_of(error: HinodeError | RequestError) -> dict[str, object]:
    parsed: dict[str, object] = json.loads(bytes(respond(error).body))
    return parsed


def test_the_tables_are_total() -> None:
    assert set(ERRORS) == {*ErrorCode, *RequestErrorCode}


@pytest.mark.parametrize("code", list(ErrorCode))
def test_every_error_is_an_object_without_a_trap(code: ErrorCode) -> None:
    body = body_of(HinodeError(code, "The rule.", param="field", hint="What would do."))

    error = body["error"]
    assert isinstance(error, dict)
    assert {"message", "type", "param", "code"} <= set(error)
    assert not any(trap in json.dumps(body) for trap in TRAPS)


def test_overload_says_the_sentence_that_clients_look_for() -> None:
    error = HinodeError(ErrorCode.OVERLOADED, "The queue is long.")

    answer = respond(error)

    assert answer.status_code == 503
    assert HEAVY_LOAD.encode() in answer.body


def test_quotas_are_told_at_the_top_level_and_as_an_error() -> None:
    facts = {"rate_limit_reached": True, "access_resets_in_seconds": 60}

    body = body_of(HinodeError(ErrorCode.QUOTA_EXHAUSTED, "Enough for today.", details=facts))

    assert body["type"] == "rate_limit_exhausted"
    assert body["rate_limit_and_credit_balance"] == facts
    assert isinstance(body["error"], dict)


@pytest.mark.parametrize("trap", TRAPS)
def test_what_messages_quote_sets_off_no_trap_and_reads_the_same(trap: str) -> None:
    message = f"'1{trap}' is no 'n_frames', task_4{trap}0 failed (http_{trap})."

    told = body_of(HinodeError(ErrorCode.JOB_FAILED, message))["error"]
    echoed = body_of(RequestError(RequestErrorCode.NO_ROUTE, message))["error"]

    for error in (told, echoed):
        assert isinstance(error, dict)
        assert trap not in error["message"]
        assert error["message"].replace("\u2060", "") == message


@pytest.mark.parametrize("field", ["credit_remaining", "estimated_num_videos_remaining"])
@pytest.mark.parametrize(
    ("remaining", "told"),
    [(300, 300), (401, 399), (404, 404), (40_350, 40_299), (429, 428), (1_429, 1_428), (0, 0)],
)
def test_a_rest_that_looks_like_a_status_is_told_a_little_smaller(
    field: str, remaining: int, told: int
) -> None:
    facts = {"rate_limit_reached": True, field: remaining}

    body = body_of(HinodeError(ErrorCode.INSUFFICIENT_CREDITS, "Too few.", details=facts))

    assert body["rate_limit_and_credit_balance"] == {**facts, field: told}


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(60, 60), (401, 402), (40_099, 40_200), (86_400, 86_402), (42_900, 43_000)],
)
def test_a_wait_that_looks_like_a_status_is_told_a_little_longer(seconds: int, told: int) -> None:
    facts = {"rate_limit_reached": True, "access_resets_in_seconds": seconds}

    body = body_of(HinodeError(ErrorCode.QUOTA_EXHAUSTED, "Enough for today.", details=facts))

    balance, error = body["rate_limit_and_credit_balance"], body["error"]
    assert isinstance(balance, dict)
    assert isinstance(error, dict)
    assert balance["access_resets_in_seconds"] == told
    assert error["details"] == balance
