"""NOTICE says of the packages that Hinode is installed with what they say of themselves."""

from __future__ import annotations

import base64
import inspect
import re
import struct
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path

import av._core
import pytest
from PIL import ImageFont

ROOT = Path(__file__).parents[2]
NOTICE = " ".join((ROOT / "NOTICE").read_text(encoding="utf-8").split())
LIBRARIES = Path(str(distribution("av").locate_file("av.libs")))
COPYRIGHT, LICENCE = 0, 13
"""Numbers of strings in a font's name table."""


def pinned() -> list[str]:
    text = (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")
    return sorted(set(re.findall(r"^([\w.-]+)==", text, re.MULTILINE)))


def licence(package: str) -> str:
    """Return a package's statement of its licence; empty where it is not installed."""
    try:
        metadata = distribution(package).metadata
    except PackageNotFoundError:
        return ""
    fields = ("License-Expression", "License", "Classifier")
    said = [one for field in fields for one in metadata.get_all(field) or []]
    return " ".join(one for one in said if "::" not in one or one.startswith("License"))


def font_names(font: bytes, number: int) -> set[str]:
    """Return the strings of a number in the name tables of a font file, of Windows' encoding."""
    count = struct.unpack(">I", font[8:12])[0] if font[:4] == b"ttcf" else 1
    starts = struct.unpack(f">{count}I", font[12 : 12 + 4 * count]) if font[:4] == b"ttcf" else (0,)
    found = set()
    for start in starts:
        for table in range(struct.unpack(">H", font[start + 4 : start + 6])[0]):
            tag, _, at, _ = struct.unpack(">4s3I", font[start + 12 + 16 * table :][:16])
            found |= _names(font[at:], number) if tag == b"name" else set()
    return found


def _names(table: bytes, number: int) -> set[str]:
    _, count, text = struct.unpack(">3H", table[:6])
    records = [struct.unpack(">6H", table[6 + 12 * one :][:12]) for one in range(count)]
    return {
        table[text + at :][:length].decode("utf-16-be")
        for platform, _, _, name, length, at in records
        if (platform, name) == (3, number)
    }


def test_packages_with_duties_for_who_passes_them_on_are_named() -> None:
    found = {one for one in pinned() if re.search(r"GPL|MPL|Mozilla", licence(one))}

    assert {"certifi", "psycopg"} <= found
    assert [one for one in found if not re.search(rf"\b{re.escape(one)}\b", NOTICE)] == []


@pytest.mark.skipif(not LIBRARIES.is_dir(), reason="PyAV was not installed from a wheel for Linux")
def test_ffmpeg_reports_what_notice_quotes_and_is_linked_with_x264() -> None:
    built = av._core.library_meta["libavcodec"]
    options = str(built["configuration"]).split()

    assert f'"{built["license"]}"' in NOTICE
    assert {"--enable-version3", "--enable-libx264", "--enable-libx265"} <= set(options)
    assert "--enable-gpl" not in options
    codec = next(LIBRARIES.glob("libavcodec-*")).read_bytes()
    assert b"libx264-" in codec
    assert b"libx265-" in codec


def test_what_the_wheel_for_heic_contains_is_named_with_its_licence() -> None:
    wheel = distribution("pillow-heif")
    libraries = {Path(str(one)).name.partition("-")[0] for one in wheel.files or ()}
    said = str(wheel.read_text("licenses/LICENSES_bundled.txt"))

    for name, licence_said, words in (
        ("libheif", "LGPLv3", "GNU Lesser General Public License, version 3"),
        ("libde265", "LGPLv3", "GNU Lesser General Public License, version 3"),
        ("x265", "GPLv2", "GNU General Public License, version 2"),
    ):
        assert {name, f"lib{name}"} & libraries
        assert re.search(rf"Name: {name}\s+License: {licence_said}", said)
        assert name in NOTICE
        assert words in NOTICE


def test_the_fonts_say_of_themselves_what_notice_quotes() -> None:
    package = find_spec("paperang_p2_fonts_cjk")
    assert package is not None
    assert package.origin is not None
    cjk = (Path(package.origin).parent / "fonts" / "wqy-microhei.ttc").read_bytes()
    packed = re.search(r'b"""\s*(.*?)"""', inspect.getsource(ImageFont.load_default), re.DOTALL)
    latin = base64.b64decode(packed[1]) if packed else b""

    for said in (font_names(cjk, LICENCE), font_names(latin, COPYRIGHT)):
        assert len(said) == 1
        assert f'"{said.pop()}"' in NOTICE
