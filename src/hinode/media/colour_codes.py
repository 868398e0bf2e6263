"""Colours by code points (ITU-T H.273 §8): PNG's `cICP`, and `nclx` of HEIC and AVIF.

They become profiles (ICC.1), so that one converter serves both. Light over the reference white of
a picture of high dynamic range (203 cd/m², ITU-R BT.2408) ends at white.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence

from hinode.media.heif_header import heif_colour_codes
from hinode.media.image_header import ImageFormat

Matrix = Sequence[Sequence[float]]
Codes = tuple[int, int]
"""The code points of the primaries and of the transfer characteristics."""

_D65, _C, _DCI = (0.3127, 0.3290), (0.310, 0.316), (0.314, 0.351)
_PRIMARIES = {
    1: ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060), _D65),
    4: ((0.670, 0.330), (0.210, 0.710), (0.140, 0.080), _C),
    5: ((0.640, 0.330), (0.290, 0.600), (0.150, 0.060), _D65),
    6: ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), _D65),
    7: ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), _D65),
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), _D65),
    11: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), _DCI),
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), _D65),
}
_SRGB_PRIMARIES, _UNSPECIFIED = 1, 2
_D50 = (0.9642, 1.0, 0.8249)
_BRADFORD = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))

_STEPS, _TOP = 4096, 65_535
_PNG_START, _PNG_CHUNKS = 8, 200
_REFERENCE_WHITE, _PQ_PEAK = 203.0, 10_000.0


def profile_of_codes(form: ImageFormat, content: bytes) -> bytes | None:
    """Return the profile of the code points in a file: empty for sRGB, None if it has none known.

    The curve of video (code points 1, 6, 14, 15) is taken for sRGB's, as browsers take it.
    """
    codes = _png_codes(content) if form is ImageFormat.PNG else heif_colour_codes(content)
    if codes is None:
        return None
    primaries, transfer = codes
    primaries = _SRGB_PRIMARIES if primaries == _UNSPECIFIED else primaries
    curve = _CURVES.get(transfer, _srgb)
    if primaries not in _PRIMARIES:
        return None
    if primaries == _SRGB_PRIMARIES and curve is _srgb:
        return b""
    return _profile(_columns(*_PRIMARIES[primaries]), curve)


def is_above_profile(form: ImageFormat) -> bool:
    """Return whether code points come before a profile in the same file (PNG 3 §4.3)."""
    return form is ImageFormat.PNG


def _png_codes(content: bytes) -> Codes | None:
    """Return the code points of a chunk before the pixels."""
    at = _PNG_START
    for _ in range(_PNG_CHUNKS):
        length, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        if kind == b"cICP" and length == 4:
            return content[at + 8], content[at + 9]
        if kind in (b"IDAT", b"IEND", b""):
            return None
        at += 12 + length
    return None


def _srgb(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _gamma(exponent: float) -> Callable[[float], float]:
    return lambda value: math.pow(value, exponent)


def _pq(value: float) -> float:
    # SMPTE ST 2084, relative to the reference white.
    power = math.pow(value, 1 / 78.84375)
    light = max(power - 0.8359375, 0.0) / (18.8515625 - 18.6875 * power)
    return math.pow(light, 1 / 0.1593017578125) * _PQ_PEAK / _REFERENCE_WHITE


def _hlg(value: float) -> float:
    # ITU-R BT.2100, whose reference white is at 75 % of the signal, with a system gamma of 1.2.
    return math.pow(_hlg_scene(value) / _hlg_scene(0.75), 1.2)


def _hlg_scene(value: float) -> float:
    if value <= 0.5:
        return value * value / 3
    return (math.exp((value - 0.55991073) / 0.17883277) + 0.28466892) / 12


_CURVES: dict[int, Callable[[float], float]] = {
    4: _gamma(2.2), 5: _gamma(2.8), 8: _gamma(1.0), 16: _pq, 17: _gamma(2.6), 18: _hlg,
}  # fmt: skip


def _columns(
    red: tuple[float, float],
    green: tuple[float, float],
    blue: tuple[float, float],
    white: tuple[float, float],
) -> Matrix:
    """Return the primaries in XYZ of D50, one row each (Bradford's adaptation)."""
    rows = [_xyz(*one) for one in (red, green, blue)]
    shares = _times(_inverse(_transposed(rows)), _xyz(*white))
    adapt = _adaptation(_xyz(*white))
    return [
        _times(adapt, [share * part for part in row])
        for share, row in zip(shares, rows, strict=True)
    ]


def _xyz(x: float, y: float) -> tuple[float, float, float]:
    return x / y, 1.0, (1 - x - y) / y


def _adaptation(white: Sequence[float]) -> Matrix:
    """Return the matrix from colours under a white to those under D50."""
    scale = [
        to / of for to, of in zip(_times(_BRADFORD, _D50), _times(_BRADFORD, white), strict=True)
    ]
    scaled = [[one * part for part in row] for one, row in zip(scale, _BRADFORD, strict=True)]
    back = _inverse(_BRADFORD)
    return _transposed([_times(back, column) for column in _transposed(scaled)])


def _times(matrix: Matrix, vector: Sequence[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def _transposed(matrix: Matrix) -> Matrix:
    return list(zip(*matrix, strict=True))


def _inverse(matrix: Matrix) -> Matrix:
    (a, b, c), (d, e, f), (g, h, i) = matrix
    cofactors = (
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )
    whole = a * cofactors[0][0] + b * cofactors[1][0] + c * cofactors[2][0]
    return [[one / whole for one in row] for row in cofactors]


def _profile(columns: Matrix, curve: Callable[[float], float]) -> bytes:
    """Return a profile of a display (ICC.1:2001-04): three columns and one curve."""
    values = (curve(step / (_STEPS - 1)) for step in range(_STEPS))
    light = b"".join(struct.pack(">H", round(min(max(one, 0.0), 1.0) * _TOP)) for one in values)
    curves = b"curv" + bytes(4) + struct.pack(">I", _STEPS) + light
    tags = {b"wtpt": _xyz_tag(_D50)}
    tags |= {
        name + b"XYZ": _xyz_tag(one) for name, one in zip((b"r", b"g", b"b"), columns, strict=True)
    }
    places, content = b"", b""
    start = 128 + 4 + 12 * (len(tags) + 3)
    for name, value in tags.items():
        places += name + struct.pack(">II", start + len(content), len(value))
        content += value
    for name in (b"rTRC", b"gTRC", b"bTRC"):  # one table for all
        places += name + struct.pack(">II", start + len(content), len(curves))
    content += curves
    head = struct.pack(">4xI4s4s4s12x4s", 0x02400000, b"mntr", b"RGB ", b"XYZ ", b"acsp")
    head += bytes(28) + _xyz_tag(_D50)[8:] + bytes(48)
    whole = head + struct.pack(">I", len(tags) + 3) + places + content
    return struct.pack(">I", 4 + len(whole)) + whole


def _xyz_tag(values: Sequence[float]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(one * 65_536) for one in values))
