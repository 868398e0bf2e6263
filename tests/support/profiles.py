"""Colour profiles (ICC.1:2001-04) of known spaces, and the arithmetic that they stand for."""

from __future__ import annotations

import itertools
import struct
from dataclasses import dataclass

import numpy as np

_D50 = (0.9642, 1.0, 0.8249)
# From linear sRGB to XYZ of D50 (Bradford).
_SRGB = np.array(
    [[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169],
     [0.0139322, 0.0971045, 0.7141733]]
)  # fmt: skip
_TOP = 65535


@dataclass(frozen=True, slots=True)
class RgbSpace:
    """A space by its gamma and its primaries in XYZ of D50, one column each."""

    gamma: float
    primaries: tuple[tuple[float, float, float], ...]

    @property
    def profile(self) -> bytes:
        """The space as a profile."""
        curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(self.gamma * 256))
        columns = zip(*self.primaries, strict=True)
        tags = {
            f"{name}XYZ".encode(): _xyz(column) for name, column in zip("rgb", columns, strict=True)
        }
        return _profile(
            b"RGB ", b"XYZ ", {**tags, **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)}
        )

    def in_srgb(self, colour: tuple[int, int, int]) -> tuple[int, ...]:
        """Return a colour of this space as sRGB has it."""
        linear = (np.array(colour) / 255) ** self.gamma
        light = np.clip(np.linalg.inv(_SRGB) @ np.array(self.primaries) @ linear, 0, 1)
        encoded = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
        return tuple(int(one) for one in np.rint(encoded * 255))


SPACES = {
    "Display P3": RgbSpace(
        2.2,
        ((0.51512, 0.29198, 0.15710), (0.24120, 0.69225, 0.06657), (-0.00105, 0.04189, 0.78407)),
    ),
    "Adobe RGB": RgbSpace(
        2.19921875,
        ((0.60974, 0.20528, 0.14919), (0.31111, 0.62567, 0.06322), (0.01947, 0.06087, 0.74457)),
    ),
    "ProPhoto": RgbSpace(
        1.8, ((0.79767, 0.13519, 0.03134), (0.28804, 0.71188, 0.00008), (0.0, 0.0, 0.82491))
    ),
}


def grey_profile(gamma: float) -> bytes:
    """Return the profile of a grey with a gamma."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256))
    return _profile(b"GRAY", b"XYZ ", {b"wtpt": _xyz(_D50), b"kTRC": curve})


def grey_ink_profile() -> bytes:
    """Return a profile of CMYK whose colours are inks of a light grey."""
    table = b"mft2" + bytes(4) + struct.pack(">4B", 4, 3, 2, 0)
    table += struct.pack(">9i", *(65536 if at % 4 == 0 else 0 for at in range(9)))
    table += struct.pack(">2H", 2, 2) + struct.pack(">2H", 0, _TOP) * 4
    for cyan, magenta, yellow, key in itertools.product((0, 1), repeat=4):
        lightness = (1 - key) * (1 - 0.2 * (cyan + magenta + yellow))
        table += struct.pack(">3H", round(0xFF00 * lightness), 0x8000, 0x8000)
    table += struct.pack(">2H", 0, _TOP) * 3
    return _profile(b"CMYK", b"Lab ", {b"A2B0": table}, b"prtr")


def _xyz(values: tuple[float, ...]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(one * 65536) for one in values))


def _profile(space: bytes, pcs: bytes, tags: dict[bytes, bytes], kind: bytes = b"mntr") -> bytes:
    index, content = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, value in tags.items():
        index += name + struct.pack(">II", start + len(content), len(value))
        content += value + bytes(-len(value) % 4)
    head = struct.pack(">4xI4s4s4s12x4s", 0x02400000, kind, space, pcs, b"acsp")
    head += bytes(28) + _xyz(_D50)[8:] + bytes(48)
    whole = head + index + content
    return struct.pack(">I", 4 + len(whole)) + whole
