"""Reads members of a JSON object from another server: what is missing is fine, wrong types are not.

A member that is null counts as missing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime

from hinode.engines.sora.failures import BadAnswer


class Fields:
    """One JSON object and the place where it stands; every reader raises :class:`BadAnswer`."""

    def __init__(self, value: object, place: str = "the answer") -> None:
        if not isinstance(value, dict):
            raise _wrong(place, "an object", value)
        self._members: Mapping[str, object] = value
        self._place = place

    def has(self, key: str) -> bool:
        """Whether the member is there and not null."""
        return self._members.get(key) is not None

    def text(self, *keys: str) -> str:
        """Return the first of these members that is there; it must be a text that is not empty."""
        for key in keys:
            found = self.maybe_text(key)
            if found:
                return found
        raise BadAnswer(
            f"The server's answer lacks '{keys[0]}' in {self._place}.", may_have_run=True
        )

    def maybe_text(self, *keys: str) -> str | None:
        """Return the first of these members that is there and not blank; None: there is none."""
        for key in keys:
            value = self._members.get(key)
            if value is not None and not isinstance(value, str):
                raise _wrong(self._at(key), "a text", value)
            if value and value.strip():
                return value
        return None

    def maybe_number(self, key: str) -> float | None:
        """Return a finite number."""
        value = self._members.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _wrong(self._at(key), "a number", value)
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise _wrong(self._at(key), "a finite number", value)
        return number

    def maybe_count(self, key: str) -> int | None:
        """Return a number as a whole one."""
        number = self.maybe_number(key)
        return None if number is None else int(number)

    def flag(self, key: str, default: bool = False) -> bool:
        """Return a truth value."""
        value = self._members.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise _wrong(self._at(key), "true or false", value)
        return value

    def maybe_moment(self, key: str) -> datetime | None:
        """Return a moment given in ISO 8601 or in seconds since 1970."""
        value = self._members.get(key)
        if value is None or value == "":
            return None
        try:
            if isinstance(value, str):
                moment = datetime.fromisoformat(value)
                return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return datetime.fromtimestamp(self.maybe_number(key) or 0.0, UTC)
        except (ValueError, OverflowError, OSError):
            raise _wrong(self._at(key), "a moment", value) from None

    def object(self, key: str) -> Fields:
        """Return an object that must be there."""
        return Fields(self._members.get(key), self._at(key))

    def maybe_object(self, key: str) -> Fields | None:
        """Return an object."""
        return self.object(key) if self.has(key) else None

    def objects(self, key: str) -> list[Fields]:
        """Return a list of objects; missing: an empty one."""
        value = self._members.get(key)
        return [] if value is None else objects_of(value, self._at(key))

    def _at(self, key: str) -> str:
        return f"{self._place}.{key}" if self._place != "the answer" else f"'{key}'"


def objects_of(value: object, place: str = "the answer") -> list[Fields]:
    """Return a JSON array of objects. Raises :class:`BadAnswer`."""
    if not isinstance(value, list):
        raise _wrong(place, "a list", value)
    return [Fields(one, f"{place}[{index}]") for index, one in enumerate(value)]


def items_of(value: object) -> tuple[list[Fields], str | None]:
    """Return the items and the cursor of a page, which may also be a bare array."""
    if isinstance(value, list):
        return objects_of(value), None
    page = Fields(value)
    return page.objects("items"), page.maybe_text("cursor")


def _wrong(place: str, wanted: str, value: object) -> BadAnswer:
    found = "nothing" if value is None else type(value).__name__
    return BadAnswer(
        f"The server's answer has {found} where {place} should be {wanted}.", may_have_run=True
    )
