"""What is wrong with the input file of a batch, line by line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hinode.core.batches.validation import MAX_ERRORS, RequestReader, check_file
from tests.support.batches import IMAGES, VIDEOS, jsonl, line


def checked(tmp_path: Path, content: bytes, most: int = 5) -> list[tuple[str, int | None]]:
    """Return the codes of a file's errors, with their lines."""
    path = tmp_path / "requests.jsonl"
    path.write_bytes(content)
    return [(one.code, one.line) for one in check_file(path, VIDEOS, most)[1]]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"custom_id": None}, "missing_required_parameter"),
        ({"custom_id": ""}, "invalid_value"),
        ({"custom_id": "a" * 513}, "invalid_value"),
        ({"custom_id": "a\nb"}, "invalid_value"),
        ({"custom_id": "\ud800"}, "invalid_value"),
        ({"custom_id": 7}, "invalid_type"),
        ({"method": "GET"}, "invalid_method"),
        ({"method": None}, "missing_required_parameter"),
        ({"url": IMAGES}, "invalid_url"),
        ({"url": None}, "missing_required_parameter"),
        ({"body": "a fox"}, "invalid_type"),
        ({"body": None}, "missing_required_parameter"),
        ({"webhook": "https://example.com"}, "unknown_parameter"),
    ],
)
def test_a_member_of_a_line_has_its_rule(tmp_path: Path, given: dict[str, Any], code: str) -> None:
    assert checked(tmp_path, jsonl(line("a"), {**line("b"), **given})) == [(code, 2)]


@pytest.mark.parametrize(
    "broken",
    [
        b"{",
        b"[]",
        b'"a"',
        b"\xff\xfe",
        b'{"a": NaN}',
        b"[" * 9_999,
        b'{"a":' + b"[" * 101 + b"]" * 101 + b"}",
        b'{"a":[' + b"1," * 9_999 + b"1]}",
    ],
)
def test_a_line_is_a_json_object(tmp_path: Path, broken: bytes) -> None:
    assert checked(tmp_path, jsonl(line("a")) + broken) == [("invalid_json_line", 2)]


def test_custom_ids_are_not_used_twice(tmp_path: Path) -> None:
    content = jsonl(line("a"), line("b"), line("a"), line("a"))

    assert checked(tmp_path, content) == [("duplicate_custom_id", 3), ("duplicate_custom_id", 4)]


@pytest.mark.parametrize("empty", [b"", b"\n \n"])
def test_a_file_has_at_least_one_request(tmp_path: Path, empty: bytes) -> None:
    assert checked(tmp_path, empty) == [("empty_file", None)]


def test_a_file_has_at_most_so_many_requests(tmp_path: Path) -> None:
    lines = [line(str(number)) for number in range(6)]

    assert checked(tmp_path, jsonl(*lines[:5])) == []
    assert checked(tmp_path, jsonl(*lines)) == [("too_many_requests", 6)]


def test_no_more_errors_than_anybody_reads(tmp_path: Path) -> None:
    assert len(checked(tmp_path, b"{\n" * 999, most=999)) == MAX_ERRORS


def test_requests_are_read_by_the_numbers_of_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    path.write_bytes(
        b"\xef\xbb\xbf" + jsonl(line("a")) + b"\n\r\n" + jsonl(line("b", seed=1), line("c", seed=2))
    )

    assert check_file(path, VIDEOS, 5) == ([(1, "a"), (4, "b"), (5, "c")], [])
    reader = RequestReader(path)
    assert [reader.body(4), reader.body(4), reader.body(5)] == [
        {"prompt": "a fox", "seed": 1},
        {"prompt": "a fox", "seed": 1},
        {"prompt": "a fox", "seed": 2},
    ]
