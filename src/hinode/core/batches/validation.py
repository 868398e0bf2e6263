"""Read the input file of a batch: each line is one request with an id of the client's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from hinode.core.batches.types import FileError
from hinode.kit.bounded_json import load_json

MAX_ERRORS = 100
"""Errors after which the rest of a file is not read."""

MAX_CUSTOM_ID = 512
MAX_VALUES = 10_000
"""Values of one line, so that a small file cannot take much memory."""

_MEMBERS = {"custom_id": str, "method": str, "url": str, "body": dict}
_NAMES = {str: "a string", dict: "an object"}

CustomIds = list[tuple[int, str]]
"""The lines of a file that are not blank, each with its custom id."""


def check_file(path: Path, endpoint: str, most: int) -> tuple[CustomIds, list[FileError]]:
    """Return the requests of a file with at most ``most`` lines, and what is wrong with it."""
    found: CustomIds = []
    errors: list[FileError] = []
    seen: dict[str, int] = {}
    for number, raw in _lines(path):
        if len(found) == most:
            text = f"The file has more than {most} requests, the most that this server takes."
            return found, [*errors, FileError("too_many_requests", text, number)]
        custom_id = _check_line(number, raw, endpoint, seen, errors)
        found.append((number, custom_id))
        if len(errors) >= MAX_ERRORS:
            return found, errors
    if not found:
        errors.append(FileError("empty_file", "The file has no requests."))
    return found, errors


def _check_line(
    number: int, raw: bytes, endpoint: str, seen: dict[str, int], errors: list[FileError]
) -> str:
    line = _parsed(raw)
    if line is None:
        text = "This line is not a JSON object in UTF-8, or has too many values."
        errors.append(FileError("invalid_json_line", text, number))
        return ""
    problems = list(_problems(number, line, endpoint))
    errors.extend(problems)
    if problems:
        return ""
    custom_id = str(line["custom_id"])
    if custom_id in seen:
        text = f"The 'custom_id' of this line is that of line {seen[custom_id]}."
        errors.append(FileError("duplicate_custom_id", text, number, "custom_id"))
    seen.setdefault(custom_id, number)
    return custom_id


def _problems(number: int, line: dict[str, Any], endpoint: str) -> Iterator[FileError]:
    for name, kind in _MEMBERS.items():
        if line.get(name) is None:
            text = f"Missing required parameter: '{name}'."
            yield FileError("missing_required_parameter", text, number, name)
        elif not isinstance(line[name], kind):
            text = f"'{name}' must be {_NAMES[kind]}."
            yield FileError("invalid_type", text, number, name)
        elif name == "custom_id" and not _storable(line[name]):
            text = f"'custom_id' has 1 to {MAX_CUSTOM_ID} characters, without control characters."
            yield FileError("invalid_value", text, number, name)
        elif name == "method" and line[name] != "POST":
            yield FileError("invalid_method", "'method' must be POST.", number, name)
        elif name == "url" and line[name] != endpoint:
            text = f"'url' must be the endpoint of the batch, {endpoint}."
            yield FileError("invalid_url", text, number, name)
    for name in line.keys() - _MEMBERS.keys():
        text = f"'{name[:80]}' is not a known field of a line."
        yield FileError("unknown_parameter", text, number, name[:80])


def _storable(text: str) -> bool:
    return 1 <= len(text) <= MAX_CUSTOM_ID and text.isprintable()


class RequestReader:
    """Reads the bodies of requests in the order of their lines."""

    def __init__(self, path: Path) -> None:
        self._lines = _lines(path)
        self._number, self._raw = 0, b""

    def body(self, number: int) -> dict[str, Any]:
        """Return the body of a line of a checked file; never of one before the last."""
        while self._number < number:
            self._number, self._raw = next(self._lines)
        body: dict[str, Any] = (_parsed(self._raw) or {})["body"]
        return body


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            if raw.strip():
                yield number, raw


def _parsed(raw: bytes) -> dict[str, Any] | None:
    if sum(map(raw.count, (b",", b"[", b"{"))) > MAX_VALUES:
        return None
    try:
        value = load_json(raw.decode("utf-8-sig"), _refuse_constant)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
