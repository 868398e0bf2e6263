"""Fields of log lines nest, end with their block, and reach threads."""

from __future__ import annotations

from contextvars import copy_context

from hinode.kit.log_context import log_fields, merge_log_fields


def line(**fields: str) -> dict[str, str]:
    return dict(merge_log_fields(None, "info", fields))


def test_fields_are_added_within_their_block_only() -> None:
    with log_fields(request_id="r"):
        with log_fields(job_id="j"):
            assert line(event="e") == {"request_id": "r", "job_id": "j", "event": "e"}
        assert line(event="e") == {"request_id": "r", "event": "e"}

    assert line(event="e") == {"event": "e"}


def test_a_line_s_own_field_wins() -> None:
    with log_fields(job_id="outer"):
        assert line(job_id="own") == {"job_id": "own"}


def test_a_copied_context_has_them() -> None:
    with log_fields(request_id="r"):
        context = copy_context()

    assert context.run(line, event="e") == {"request_id": "r", "event": "e"}
