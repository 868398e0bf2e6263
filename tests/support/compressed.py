"""The compressions that request bodies may come in."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable
from functools import partial

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "br": partial(brotli.compress, quality=5),
    "zstd": zstd.compress,
}


def zstd_with_window(log: int) -> bytes:
    """Return a few bytes in a frame that asks for a window of ``2**log`` bytes."""
    stream = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: log})
    return stream.compress(b"a fox") + stream.flush()
