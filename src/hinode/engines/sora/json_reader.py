"""Read members of a JSON object from another server: optional, but never of a wrong type.

A member that is null counts as missing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime

from hinode.engines.sora.errors import SoraInvalidResponse


class JsonReader:
    """A JSON object and its path in the body. Readers raise :class:`SoraInvalidResponse`."""

    def __init__(self, value: object, path: str = "the answer") -> None:
        if not isinstance(value, dict):
            raise _type_error(path, "an object", value)
        self._members: Mapping[str, object] = value
        self._path = path

    def has(self, key: str) -> bool:
        """Return whether the member is there and not null."""
        return self._members.get(key) is not None

    def text(self, *keys: str) -> str:
        """Return the first of these members that is there; it must be a text that is not empty."""
        for key in keys:
            found = self.optional_text(key)
            if found:
                return found
        raise SoraInvalidResponse(
            f"The server's answer lacks '{keys[0]}' in {self._path}.", may_have_executed=True
        )

    def optional_text(self, *keys: str) -> str | None:
        """Return the first of these members that is there and not blank; None: there is none."""
        for key in keys:
            value = self._members.get(key)
            if value is not None and not isinstance(value, str):
                raise _type_error(self._path_of(key), "a text", value)
            if value and value.strip():
                return value
        return None

    def optional_number(self, key: str) -> float | None:
        """Return a finite number."""
        value = self._members.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _type_error(self._path_of(key), "a number", value)
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise _type_error(self._path_of(key), "a finite number", value)
        return number

    def optional_int(self, key: str) -> int | None:
        """Return a number as an integer."""
        number = self.optional_number(key)
        return None if number is None else int(number)

    def flag(self, key: str, default: bool = False) -> bool:
        """Return a boolean."""
        value = self._members.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise _type_error(self._path_of(key), "true or false", value)
        return value

    def optional_datetime(self, key: str) -> datetime | None:
        """Return a time given in ISO 8601 or in seconds since 1970."""
        value = self._members.get(key)
        if value is None or value == "":
            return None
        try:
            if isinstance(value, str):
                moment = datetime.fromisoformat(value)
                return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return datetime.fromtimestamp(self.optional_number(key) or 0.0, UTC)
        except (ValueError, OverflowError, OSError):
            raise _type_error(self._path_of(key), "a moment", value) from None

    def object(self, key: str) -> JsonReader:
        """Return a required object."""
        return JsonReader(self._members.get(key), self._path_of(key))

    def optional_object(self, key: str) -> JsonReader | None:
        """Return an object."""
        return self.object(key) if self.has(key) else None

    def objects(self, key: str) -> list[JsonReader]:
        """Return a list of objects; missing: an empty one."""
        value = self._members.get(key)
        return [] if value is None else read_objects(value, self._path_of(key))

    def _path_of(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path != "the answer" else f"'{key}'"


def read_objects(value: object, path: str = "the answer") -> list[JsonReader]:
    """Return a JSON array of objects. Raises :class:`SoraInvalidResponse`."""
    if not isinstance(value, list):
        raise _type_error(path, "a list", value)
    return [JsonReader(one, f"{path}[{index}]") for index, one in enumerate(value)]


def read_page(value: object) -> tuple[list[JsonReader], str | None]:
    """Return the items and the cursor of a page, which may also be a bare array."""
    if isinstance(value, list):
        return read_objects(value), None
    page = JsonReader(value)
    return page.objects("items"), page.optional_text("cursor")


def _type_error(path: str, wanted: str, value: object) -> SoraInvalidResponse:
    found = "nothing" if value is None else type(value).__name__
    return SoraInvalidResponse(
        f"The server's answer has {found} where {path} should be {wanted}.", may_have_executed=True
    )
