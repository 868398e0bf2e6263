"""Still pictures: fitting, thumbnails, and the sprite sheet's layout."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, WebPImagePlugin

from hinode.media.image_files import cover_fit, load_formats, save_png, save_thumbnail
from hinode.media.spritesheet import make_sheet, tile_frames, tile_size


def test_fitting_fills_the_size_and_keeps_the_middle() -> None:
    image = Image.new("RGB", (400, 100), "black")
    image.paste("white", (150, 0, 250, 100))
    fitted = cover_fit(image, 64, 64)
    assert fitted.size == (64, 64)
    assert fitted.getpixel((32, 32)) == (255, 255, 255)


def test_fitting_turns_a_picture_upright(tmp_path: Path) -> None:
    image = Image.new("RGB", (40, 20), "black")
    image.paste("white", (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # shown after a quarter turn clockwise: left becomes top
    path = tmp_path / "a.png"
    image.save(path, exif=exif)
    with Image.open(path) as opened:
        fitted = cover_fit(opened, 20, 40)
    assert fitted.getpixel((10, 5)) == (255, 255, 255)
    assert fitted.getpixel((10, 35)) == (0, 0, 0)


def test_a_thumbnail_is_webp_and_never_larger_than_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "a.webp"
    assert save_thumbnail(Image.new("RGB", (1920, 1080)), path) == (960, 540)
    with Image.open(path) as opened:
        assert (opened.format, opened.size) == ("WEBP", (960, 540))


def test_a_small_picture_is_not_enlarged(tmp_path: Path) -> None:
    assert save_thumbnail(Image.new("RGB", (64, 36)), tmp_path / "a.webp") == (64, 36)


def test_png_text_is_kept_in_any_script(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    save_png(Image.new("RGB", (8, 8)), path, {"title": "雪夜"})
    with Image.open(path) as opened:
        assert opened.info["title"] == "雪夜"


def test_tiles_are_the_first_frames_of_each_second() -> None:
    assert tile_frames(75, 30) == [0, 30, 60]
    assert tile_frames(1, 30) == [0]


def test_tiles_keep_the_shape_of_the_frames() -> None:
    assert tile_size(1280, 720) == (320, 180)
    assert tile_size(720, 1280) == (320, 568)


def test_a_sheet_has_rows_of_five() -> None:
    tiles = [Image.new("RGB", (32, 18), (index, 0, 0)) for index in range(7)]
    sheet = make_sheet(tiles)
    assert sheet.size == (160, 36)
    assert sheet.getpixel((4 * 32 + 1, 1)) == (4, 0, 0)
    assert sheet.getpixel((1 * 32 + 1, 18 + 1)) == (6, 0, 0)


def test_a_sheet_never_grows_past_what_jpeg_can_hold() -> None:
    tile = Image.new("RGB", (2, 6000))
    assert make_sheet([tile] * 100).height <= 65_500


def test_a_sheet_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one tile"):
        make_sheet([])


def test_a_format_that_cannot_be_loaded_is_an_error_before_the_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    load_formats()
    monkeypatch.setattr(WebPImagePlugin, "SUPPORTED", False)
    with pytest.raises(ImportError, match="WebP"):
        load_formats()
