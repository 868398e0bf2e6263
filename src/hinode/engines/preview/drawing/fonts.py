"""Find fonts for the caption, and the characters that they can draw.

Latin text uses the font inside Pillow (Aileron), the same on every machine. For Chinese,
Japanese and Korean the package ``paperang-p2-fonts-cjk`` contains WenQuanYi Micro Hei
(Apache-2.0); where it is missing, well-known system fonts are searched.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

BUILT_IN = "Pillow's built-in Aileron"
PACKAGE = "paperang_p2_fonts_cjk"
PACKAGE_FILE = "fonts/wqy-microhei.ttc"
INSTALL_HINT = (
    "install the Python package paperang-p2-fonts-cjk, or a system font such as "
    "fonts-noto-cjk or fonts-wqy-microhei"
)

# In order of preference; the names under which distributions and systems ship them.
CJK_FILES = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKsc-Regular.otf",
    "NotoSansSC-Regular.otf",
    "NotoSansSC-Regular.ttf",
    "SourceHanSansSC-Regular.otf",
    "SourceHanSansCN-Regular.otf",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "DroidSansFallbackFull.ttf",
    "DroidSansFallback.ttf",
    "PingFang.ttc",
    "Hiragino Sans GB.ttc",
    "STHeiti Light.ttc",
    "msyh.ttc",
    "simhei.ttf",
)
FALLBACK_FILES = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "Arial Unicode.ttf", "arial.ttf")


@dataclass(frozen=True, slots=True)
class FontInfo:
    """The fonts that captions are drawn with, for ``hinode doctor``.

    ``hint`` says what to do when Chinese cannot be drawn, and is empty when it can.
    """

    latin: str
    cjk: str | None
    covers_cjk: bool
    hint: str


def find_fonts() -> FontInfo:
    """Return the fonts in use, and the remedy if none covers Chinese."""
    files = font_files()
    cjk = next((path for path in files if covers(path, "中") and covers(path, "日")), None)
    return FontInfo(
        latin=BUILT_IN,
        cjk=str(cjk) if cjk else None,
        covers_cjk=cjk is not None,
        hint="" if cjk else f"captions leave Chinese, Japanese and Korean out; {INSTALL_HINT}",
    )


@cache
def font_files() -> tuple[Path | None, ...]:
    """Return font files in the order to try them; None stands for Pillow's built-in font."""
    found = _find_system_fonts()
    named = [found[name] for name in (*CJK_FILES, *FALLBACK_FILES) if name in found]
    bundled = _bundled_font()
    return (None, *([bundled] if bundled else []), *named)


@cache
def load_font(path: Path | None, size: int) -> Font:
    """Return the font at a size in pixels; raises :class:`OSError` when the file is not a font."""
    if path is None:
        return ImageFont.load_default(size)
    return ImageFont.truetype(str(path), size)


@cache
def covers(path: Path | None, character: str) -> bool:
    """Return whether the font has a drawing of its own for the character."""
    if character.isspace():
        return True
    try:
        font = load_font(path, 24)
    except OSError:
        return False
    mask, blank = font.getmask(character), font.getmask("\uffff")
    return mask.size != blank.size or bytes(mask) != bytes(blank)


def _bundled_font() -> Path | None:
    # Only the package's path is found: none of its code runs.
    spec = find_spec(PACKAGE)
    places = spec.submodule_search_locations if spec else None
    for place in places or ():
        path = Path(place) / PACKAGE_FILE
        if path.is_file():
            return path
    return None


def _find_system_fonts() -> dict[str, Path]:
    wanted = {*CJK_FILES, *FALLBACK_FILES}
    found: dict[str, Path] = {}
    for folder in _font_folders():
        for where, _, names in os.walk(folder):
            for name in wanted.intersection(names):
                found.setdefault(name, Path(where) / name)
    return found


def _font_folders() -> Iterator[Path]:
    home = Path.home()
    if sys.platform == "darwin":
        yield from (home / "Library/Fonts", Path("/Library/Fonts"), Path("/System/Library/Fonts"))
    elif sys.platform == "win32":
        yield Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"
    else:
        yield from (home / ".local/share/fonts", home / ".fonts")
        yield from (Path("/usr/local/share/fonts"), Path("/usr/share/fonts"))
