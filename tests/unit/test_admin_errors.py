"""The admin API's error tables: total, and with the task API's words for the same things."""

from __future__ import annotations

import json

from hinode.api.admin.errors import (
    REFUSALS,
    STUDIO_ERRORS,
    refusal_response,
    studio_error_response,
)
from hinode.api.refusals import Refusal, RefusalCode
from hinode.api.tasks import errors as tasks
from hinode.core.errors import ErrorCode, HinodeError


def test_the_tables_are_total() -> None:
    assert set(STUDIO_ERRORS) == set(ErrorCode)
    assert set(REFUSALS) == set(RefusalCode)


def test_a_code_means_the_same_as_in_the_task_api() -> None:
    theirs = {
        wire.code: (wire.status, wire.type)
        for wire in (*tasks.STUDIO_ERRORS.values(), *tasks.REFUSALS.values())
    }
    ours = {
        wire.code: (wire.status, wire.type)
        for wire in (*STUDIO_ERRORS.values(), *REFUSALS.values())
    }

    shared = set(ours) & set(theirs)
    assert {code: ours[code] for code in shared} == {code: theirs[code] for code in shared}
    assert set(ours) - shared == {"name_taken", "not_ready"}  # what only operators can meet


def test_what_is_raised_becomes_the_envelope_with_its_headers() -> None:
    late = studio_error_response(HinodeError(ErrorCode.RATE_LIMITED, "Slow.", retry_after=7))
    wrong = refusal_response(Refusal(RefusalCode.WRONG_METHOD, "No.", headers={"allow": "GET"}))

    assert (late.status_code, late.headers["retry-after"]) == (429, "7")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET")
    assert json.loads(bytes(late.body)) == {
        "error": {"code": "rate_limit_exceeded", "message": "Slow.", "type": "rate_limit_error"}
    }
