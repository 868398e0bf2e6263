"""What of a picture a mask lets change, however it was drawn."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from hinode.media.image_check import BadImage, ImageLimits, normalize_mask

BLACK, WHITE = 0, 255


def stored(image: Image.Image, folder: Path, kind: str = "PNG", **options: Any) -> Image.Image:
    """Send a mask through, and open what is kept of it."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    normalize_mask(buffer.getvalue(), folder / "mask.png", ImageLimits())
    with Image.open(folder / "mask.png") as kept:
        kept.load()
        return kept


def halves(mode: str, left: Any, right: Any) -> Image.Image:
    image = Image.new(mode, (40, 20), left)
    image.paste(right, (20, 0, 40, 20))
    return image


@pytest.mark.parametrize(
    ("image", "options"),
    [
        (halves("RGBA", (9, 9, 9, 255), (250, 250, 250, 0)), {}),
        (halves("LA", (200, 255), (200, 0)), {}),
        (halves("P", 1, 0), {"transparency": 0}),
        (halves("L", BLACK, WHITE), {}),
        (halves("1", 0, 1), {}),
        (halves("RGB", "black", "white"), {}),
        (halves("RGBA", (0, 0, 0, 255), (255, 255, 255, 255)), {}),
    ],
    ids=["alpha", "grey-alpha", "palette", "grey", "bits", "rgb", "opaque-alpha"],
)
def test_white_is_kept_where_the_picture_may_change(
    image: Image.Image, options: dict[str, Any], tmp_path: Path
) -> None:
    kept = stored(image, tmp_path, **options)

    assert (kept.mode, kept.size) == ("L", (40, 20))
    assert kept.getpixel((5, 5)) == BLACK
    assert kept.getpixel((35, 5)) == WHITE


def test_half_transparent_edges_stay_soft(tmp_path: Path) -> None:
    kept = stored(halves("RGBA", (0, 0, 0, 255), (0, 0, 0, 128)), tmp_path)

    assert kept.getpixel((35, 5)) == 127


def test_a_turned_mask_is_set_upright(tmp_path: Path) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6

    kept = stored(halves("RGB", "black", "white"), tmp_path, "JPEG", exif=turned)

    assert kept.size == (20, 40)
    assert kept.getpixel((10, 5)) == BLACK
    assert kept.getpixel((10, 35)) == WHITE


def test_what_is_no_picture_is_no_mask(tmp_path: Path) -> None:
    with pytest.raises(BadImage):
        normalize_mask(b"not a picture", tmp_path / "mask.png", ImageLimits())

    assert list(tmp_path.iterdir()) == []
