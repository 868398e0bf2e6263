"""Refuse a configuration whose numbers cannot be those of the weights beside it.

Libraries build what it says before they read the weights: false numbers take hours, or the memory
of the machine.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hinode.engines.diffusers.weights.errors import UnusableModel

_COUNTS = re.compile(r"(^|_)(layers|blocks|stages)(_|$)|^depth$")
"""In the names of counts of parts, of which each has a tensor at least."""
_SIZES = re.compile(
    r"(^|_)(hidden|intermediate|vocab)_size$|(channels|heads)$|(^|_)dims?$|^d_[a-z]+$"
)
"""In the names of sides of tensors."""
_NEVER_NONE = re.compile(r"^(hidden|intermediate|vocab)_size$|heads$")
"""In those names of them that are never 0."""
_RATE = re.compile(r"(^|_)sampl(e|ing)_rate$")
_LEAST_RATE, _MOST_RATE = 1000, 1_000_000
"""Samples in a second; the length of the sound follows from them."""
_FEW_PARTS = 100
"""So many cost nothing, however few tensors there are."""
_SMALL_SIDE = 1 << 17
_PACKED = 8
"""The most numbers that one of a packed tensor stands for."""
_MOST_OF_A_SCHEDULE = 100_000
"""Ten times the largest number in the settings of a scheduler of diffusers 0.42.1."""
_SHOWN = 40


def refuse_absurd_numbers(
    path: Path, config: Mapping[str, Any], tensors: int, numbers: int
) -> None:
    """Raise :class:`UnusableModel` for a configuration that does not fit so many tensors.

    ``numbers`` are those in all of them.
    """
    for key, value in _numbers(config):
        if isinstance(value, float) and math.isnan(value):
            raise _absurd(path, key, value, "which is no number")
        if _RATE.search(key) and (isinstance(value, str) or not _LEAST_RATE <= value <= _MOST_RATE):
            raise _absurd(path, key, value, "which is no rate of sound")
        counts, sizes = _COUNTS.search(key), _SIZES.search(key)
        if not (counts or sizes):
            continue
        if isinstance(value, str) and counts and not key.startswith("n"):
            continue  # kinds of layers
        least = 1 if sizes and _NEVER_NONE.search(key) else 0
        if isinstance(value, str) or value < least or value % 1:
            raise _absurd(path, key, value, "which is no count")
        if counts and value > max(tensors, _FEW_PARTS):
            raise _absurd(path, key, value, f"but the weights have {tensors:,} tensors")
        if sizes and value > max(numbers * _PACKED, _SMALL_SIDE):
            raise _absurd(path, key, value, f"but the weights have {numbers:,} numbers")


def refuse_absurd_schedule(path: Path, config: Mapping[str, Any]) -> None:
    """Raise :class:`UnusableModel` for a scheduler that would make tables without end."""
    for key, value in _numbers(config):
        if isinstance(value, float) and math.isnan(value):
            raise _absurd(path, key, value, "which is no number")
        if not isinstance(value, str) and _MOST_OF_A_SCHEDULE < value < math.inf:
            raise _absurd(path, key, value, f"which is above {_MOST_OF_A_SCHEDULE:,}")


def _numbers(value: Any, key: str = "") -> Iterator[tuple[str, int | float | str]]:
    """Yield the numbers and texts of a configuration, each with the last name on its way."""
    waiting = [(key, value)]
    while waiting:
        name, one = waiting.pop()
        if isinstance(one, Mapping):
            waiting += [(str(inner), found) for inner, found in one.items()]
        elif isinstance(one, list):
            waiting += [(name, found) for found in one]
        elif isinstance(one, int | float | str) and not isinstance(one, bool):
            yield name, one


def _absurd(path: Path, key: str, value: int | float | str, why: str) -> UnusableModel:
    shown = f"{value:,}" if isinstance(value, int) else repr(value)
    return UnusableModel(
        f"{path} has {key[:_SHOWN]} = {shown[:_SHOWN]}, {why}. Get the model again."
    )
