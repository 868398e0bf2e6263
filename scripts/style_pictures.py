"""Draws the web app's picture of each style by a running server: `style_pictures.py URL KEY`."""

from __future__ import annotations

import base64
import io
import sys
from pathlib import Path

import httpx
from PIL import Image

from hinode.media.types import Style

FOLDER = Path(__file__).parent.parent / "web" / "src" / "studio" / "composer" / "styles"
PROMPT = "A lighthouse on a cliff at the sea, a small boat passes by in the evening light"
SIZE = (240, 160)


def main(url: str, key: str) -> None:
    """Write a small picture for each style, and one for none."""
    headers = {"authorization": f"Bearer {key}"}
    with httpx.Client(base_url=url, headers=headers, timeout=300.0) as client:
        for style in ("none", *(one.value for one in Style)):
            body = {
                "prompt": PROMPT,
                "size": "1536x1024",
                "seed": 11,
                "response_format": "b64_json",
            }
            body |= {} if style == "none" else {"style": style}
            told = client.post("/v1/images/generations", json=body).raise_for_status().json()
            picture = Image.open(io.BytesIO(base64.b64decode(told["data"][0]["b64_json"])))
            small = picture.convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)
            small.save(FOLDER / f"{style}.webp", quality=72, method=6)


if __name__ == "__main__":
    main(*sys.argv[1:])
