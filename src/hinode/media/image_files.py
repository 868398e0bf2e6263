"""Make and save still pictures: fit to a size, WebP thumbnails, PNG and JPEG files."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from hinode.media.types import OutputFormat

THUMBNAIL_SIDE = 960
JPEG_QUALITY = 85
WEBP_QUALITY = 80
_FULL_COLOUR = 90
_LOSSLESS = 100
_WEBP_EFFORT = 60
"""Of WebP without loss: how hard to compress, 0 to 100."""
_IMAGE_DESCRIPTION, _SOFTWARE = 0x010E, 0x0131


def load_formats() -> None:
    """Load the formats that are saved. Raises ``ImportError``, as when there is no memory for them.

    Pillow loads them at their first use, and passes over those that cannot be loaded.
    """
    from PIL import JpegImagePlugin, PngImagePlugin, WebPImagePlugin  # noqa: F401

    if not WebPImagePlugin.SUPPORTED:
        raise ImportError("Pillow cannot load WebP")


def cover_fit(image: Image.Image, width: int, height: int) -> Image.Image:
    """Turn upright, flatten to RGB, and scale and crop around the middle to fill the size."""
    # For a JPEG this lets the decoder shrink while decoding: less time and far less memory.
    image.draft("RGB", (width * 2, height * 2))
    upright = ImageOps.exif_transpose(image)
    return ImageOps.fit(_flatten(upright), (width, height), Image.Resampling.LANCZOS)


def cover_fit_mask(mask: Image.Image, width: int, height: int) -> Image.Image:
    """Return a mask in 8-bit grey, scaled and cropped as :func:`cover_fit` does its picture."""
    return ImageOps.fit(mask.convert("L"), (width, height), Image.Resampling.BILINEAR)


def _flatten(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    rgba = image.convert("RGBA")
    ground = Image.new("RGBA", rgba.size, (0, 0, 0, 255))
    return Image.alpha_composite(ground, rgba).convert("RGB")


def save_thumbnail(image: Image.Image, path: Path) -> tuple[int, int]:
    """Save as WebP with the longer side at most 960 pixels. Returns the width and height."""
    small = image.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    small.save(path, "WEBP", quality=WEBP_QUALITY, method=1)
    return small.size


def save_png(image: Image.Image, path: Path, text: dict[str, str]) -> None:
    """Save as PNG with ``text`` as its international text chunks."""
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    for key, value in text.items():
        info.add_itxt(key, value)
    image.save(path, "PNG", pnginfo=info, compress_level=6)


def save_image(
    image: Image.Image, path: Path, image_format: OutputFormat, quality: int, text: dict[str, str]
) -> None:
    """Save in a format, with ``quality`` from 0 to 100; WebP of 100 loses nothing, as PNG.

    ``text`` goes into PNG's text chunks, and its ``title`` and ``comment`` into the Exif tags
    ``ImageDescription`` and ``Software`` (Exif 3.0, section 4.6.5) of the other formats.
    """
    if image_format is OutputFormat.PNG:
        save_png(image, path, text)
        return
    exif = Image.Exif()
    exif[_IMAGE_DESCRIPTION] = text.get("title", "")
    exif[_SOFTWARE] = text.get("comment", "")
    if image_format is OutputFormat.WEBP:
        lossless = quality == _LOSSLESS
        image.save(
            path, "WEBP", quality=_WEBP_EFFORT if lossless else quality, method=4,
            lossless=lossless, exif=exif,
        )  # fmt: skip
        return
    # Small colour details are worth their bytes only at high quality.
    sampling = 0 if quality >= _FULL_COLOUR else 2
    _write_jpeg(image, path, quality=max(1, quality), subsampling=sampling, exif=exif)


def save_jpeg(image: Image.Image, path: Path) -> None:
    """Save as JPEG at quality 85."""
    _write_jpeg(image, path, quality=JPEG_QUALITY)


def _write_jpeg(image: Image.Image, path: Path, **options: Any) -> None:
    """Encode in memory: into a file, Pillow takes a last write that a full disk cut for whole."""
    data = BytesIO()
    image.save(data, "JPEG", **options)
    path.write_bytes(data.getvalue())
