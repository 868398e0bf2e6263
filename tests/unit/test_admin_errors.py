"""The admin API's error tables: total, and with the task API's words for the same things."""

from __future__ import annotations

import json

from hinode.api.admin.errors import (
    ERRORS,
    respond,
)
from hinode.api.request_errors import RequestError, RequestErrorCode
from hinode.api.tasks import errors as tasks
from hinode.core.errors import ErrorCode, HinodeError


def test_the_tables_are_total() -> None:
    assert set(ERRORS) == {*ErrorCode, *RequestErrorCode}


def test_a_code_means_the_same_as_in_the_task_api() -> None:
    theirs = {wire.code: (wire.status, wire.type) for wire in tasks.ERRORS.values()}
    ours = {wire.code: (wire.status, wire.type) for wire in ERRORS.values()}

    shared = set(ours) & set(theirs)
    assert {code: ours[code] for code in shared} == {code: theirs[code] for code in shared}
    assert set(ours) - shared == {"name_taken", "not_ready"}  # what only operators can meet


def test_what_is_raised_becomes_the_envelope_with_its_headers() -> None:
    late = respond(HinodeError(ErrorCode.RATE_LIMITED, "Slow.", retry_after=7))
    wrong = respond(RequestError(RequestErrorCode.WRONG_METHOD, "No.", headers={"allow": "GET"}))

    assert (late.status_code, late.headers["retry-after"]) == (429, "7")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET")
    assert json.loads(bytes(late.body)) == {
        "error": {"code": "rate_limit_exceeded", "message": "Slow.", "type": "rate_limit_error"}
    }
