"""Read what a safetensors file holds from its header, and refuse every other file.

The format: eight bytes with the length of the header, little-endian; the header, JSON with the
dtype, shape and place of each tensor; the tensors. Nothing of it is executed.
"""

from __future__ import annotations

import json
import math
import struct
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hinode.engines.diffusers.weights.errors import UnusableModel
from hinode.engines.diffusers.weights.facts import is_precise

_MOST_HEADER = 25_000_000
"""Bytes, of some 150,000 tensors; models have some thousands. The format's library takes more."""
_MOST_SIDES = 16
_MOST_BYTES = 1 << 63
_WIDTHS = {
    **dict.fromkeys(("F64", "I64", "U64"), 8),
    **dict.fromkeys(("F32", "I32", "U32"), 4),
    **dict.fromkeys(("F16", "BF16", "I16", "U16"), 2),
    **dict.fromkeys(("F8_E4M3", "F8_E5M2", "I8", "U8", "BOOL"), 1),
}
"""Bytes of a number by dtype; newer ones are packed in ways of their own."""


@dataclass(frozen=True, slots=True)
class SafetensorsFile:
    """The names of the tensors in a file, and their bytes by dtype, such as ``BF16``.

    ``matrices`` are the bytes of those that a quantization makes smaller; ``numbers`` are counted
    in all of them.
    """

    tensors: frozenset[str]
    bytes_by_dtype: Counter[str]
    matrices: Counter[str]
    numbers: int = 0


def read_safetensors(path: Path, prefix: str = "") -> SafetensorsFile:
    """Return what a file holds of the tensors whose names begin with a prefix.

    Raises :class:`UnusableModel` if it is cut or no safetensors.
    """
    header, end = _header(path)
    sizes: Counter[str] = Counter()
    matrices: Counter[str] = Counter()
    numbers = 0
    places: list[tuple[int, int, str]] = []
    for name, tensor in header.items():
        dtype, first, last = _place(path, name, tensor)
        places.append((first, last, name))
        if not name.startswith(prefix):
            continue
        sizes[dtype] += last - first
        numbers += math.prod(tensor["shape"])
        if _is_matrix(tensor) and not is_precise(name):
            matrices[dtype] += last - first
    needed = _end(path, places)
    present = path.stat().st_size - end
    if present != needed:
        what = "cut" if present < needed else "damaged"
        raise UnusableModel(
            f"{path} is {what}: {present} of {needed} bytes of weights are there. Get it again."
        )
    names = frozenset(name for name in header if name.startswith(prefix))
    return SafetensorsFile(names, sizes, matrices, numbers)


def _end(path: Path, places: list[tuple[int, int, str]]) -> int:
    """Return where the last tensor ends. Raises :class:`UnusableModel` where one overlaps."""
    end = 0
    for first, last, name in sorted(places):
        if first != end:
            raise _damaged(path, name)
        end = last
    return end


def _header(path: Path) -> tuple[dict[str, Any], int]:
    """Return the header of a file, and where it ends."""
    with path.open("rb") as file:
        start = file.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        if not 2 <= length <= _MOST_HEADER:
            raise _foreign(path)
        text = file.read(length)
    if len(text) < length:
        raise UnusableModel(f"{path} is cut within its header. Get it again.")
    try:
        header = json.loads(text)
    except (ValueError, RecursionError):
        raise _foreign(path) from None
    if not isinstance(header, dict):
        raise _foreign(path)
    header.pop("__metadata__", None)
    return header, 8 + length


def _place(path: Path, name: str, tensor: Any) -> tuple[str, int, int]:
    """Return the dtype of a tensor and where its bytes start and end."""
    try:
        first, last = tensor["data_offsets"]
        dtype = tensor["dtype"]
    except (TypeError, KeyError, ValueError):
        raise _foreign(path) from None
    known = isinstance(dtype, str) and _is_range(first, last)
    if not (known and _agrees(tensor.get("shape"), _WIDTHS.get(dtype), last - first)):
        raise _damaged(path, name)
    return dtype, first, last


def _damaged(path: Path, name: str) -> UnusableModel:
    return UnusableModel(f"{path} is damaged at the tensor {name[:100]!r}. Get it again.")


def _is_matrix(tensor: Any) -> bool:
    shape = tensor.get("shape")
    return isinstance(shape, list) and len(shape) == 2


def _agrees(shape: Any, width: int | None, size: int) -> bool:
    """Return whether a tensor's bytes are those of its shape; of other dtypes it is not known."""
    if not isinstance(shape, list) or len(shape) > _MOST_SIDES:
        return False
    if not all(type(one) is int and 0 <= one <= _MOST_BYTES for one in shape):
        return False
    return width is None or math.prod(shape) * width == size


def _is_range(first: object, last: object) -> bool:
    return type(first) is int and type(last) is int and 0 <= first <= last


def _foreign(path: Path) -> UnusableModel:
    return UnusableModel(
        f"{path} is not in the safetensors format. Only safetensors are loaded, never pickles, "
        "which run code: take a repository or revision that has safetensors."
    )
