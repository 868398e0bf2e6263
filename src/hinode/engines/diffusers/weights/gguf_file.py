"""Read what a GGUF file holds from its header, and refuse every other file.

The format, little-endian: ``GGUF``, a version, the counts of tensors and of values; the values,
each a name, a type and what it is; the tensors, each a name, its sides, its type and where its
bytes start; padding; the bytes. Types and block sizes are those of ggml. Nothing is executed.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from hinode.engines.diffusers.weights.errors import UnusableModel

_VERSIONS = (2, 3)
_MOST_ENTRIES = 1_000_000
_MOST_TEXT = 1 << 24
_SCALARS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Bytes of the values by type; 8 are texts, 9 lists."""
_TEXT, _LIST = 8, 9
_ALIGNMENT = "general.alignment"

BLOCKS: Mapping[int, tuple[int, int]] = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34),
    9: (32, 40), 10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210),
    15: (256, 292), 16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18),
    21: (256, 110), 22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8),
    28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17), 40: (64, 36),
    41: (128, 18),
}  # fmt: skip
"""Numbers in a block and its bytes, by the type of a tensor."""


def gguf_bytes(path: Path) -> int:
    """Return the bytes of the weights in a file.

    Raises :class:`UnusableModel` if it is cut or no GGUF.
    """
    try:
        with path.open("rb") as file:
            end, start = _Header(file).read()
    except (struct.error, UnicodeDecodeError, _Foreign):
        raise UnusableModel(
            f"{path} is not in the GGUF format, or damaged. Get it again."
        ) from None
    present = path.stat().st_size
    if present < start + end:
        raise UnusableModel(
            f"{path} is cut: {present} of {start + end} bytes are there. Get it again."
        )
    return end


class _Foreign(Exception):
    """A file of another format."""


class _Header:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self) -> tuple[int, int]:
        """Return the bytes of the tensors, and where they start."""
        if self._file.read(4) != b"GGUF" or self._number("I") not in _VERSIONS:
            raise _Foreign
        tensors, values = self._count(), self._count()
        alignment = 32
        for _ in range(values):
            name, kind = self._text(), self._number("I")
            if name == _ALIGNMENT and kind == 4:
                alignment = self._number("I")
            else:
                self._skip(kind)
        end = max((self._tensor_end() for _ in range(tensors)), default=0)
        return end, -(-self._file.tell() // max(1, alignment)) * max(1, alignment)

    def _tensor_end(self) -> int:
        self._text()
        numbers = 1
        for _ in range(self._number("I")):
            numbers *= self._number("Q")
        kind, start = self._number("I"), self._number("Q")
        if kind not in BLOCKS:
            raise _Foreign
        in_block, size = BLOCKS[kind]
        return start + numbers // in_block * size

    def _skip(self, kind: int) -> None:
        if kind == _TEXT:
            self._text()
        elif kind == _LIST:
            of, count = self._number("I"), self._count()
            if of in _SCALARS:
                self._file.seek(_SCALARS[of] * count, 1)
            else:
                for _ in range(count):
                    self._skip(of)
        elif kind in _SCALARS:
            self._file.seek(_SCALARS[kind], 1)
        else:
            raise _Foreign

    def _text(self) -> str:
        length = self._number("Q")
        if length > _MOST_TEXT:
            raise _Foreign
        return self._file.read(length).decode()

    def _count(self) -> int:
        found = self._number("Q")
        if found > _MOST_ENTRIES:
            raise _Foreign
        return found

    def _number(self, of: str) -> int:
        form = f"<{of}"
        (found,) = struct.unpack(form, self._file.read(struct.calcsize(form)))
        return int(found)
