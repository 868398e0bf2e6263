"""Set up the denoisers of a pipeline: how they attend, and whether they are compiled."""

from __future__ import annotations

import os
import shutil
from typing import Any

from hinode.engines.diffusers.weights.load_options import LoadOptions

_DENOISERS = ("transformer", "transformer_2", "unet")
_COMPILERS = ("g++", "clang++", "c++")


def set_up_denoisers(pipeline: Any, options: LoadOptions) -> None:
    """Set up all denoisers of a pipeline.

    Raises ``ValueError``, ``RuntimeError`` and ``ImportError`` for what is not possible here.
    """
    if options.compile:
        _require_compiler()
    parts = (getattr(pipeline, name, None) for name in _DENOISERS)
    for part in (one for one in parts if one is not None):
        if options.attention is not None:
            part.set_attention_backend(options.attention)
        if options.compile:
            _compile(part)


def _compile(part: Any) -> None:
    """Compile the blocks that repeat, which takes a fraction of the time of the whole."""
    if getattr(part, "_repeated_blocks", None):
        part.compile_repeated_blocks()
    else:
        part.compile()


def _require_compiler() -> None:
    own = os.environ.get("CXX", "").split()[:1]
    if not any(map(shutil.which, (*own, *_COMPILERS))):
        raise RuntimeError(
            "'compile' needs a C++ compiler on this machine: install one (apt install g++), or "
            "leave 'compile' out"
        )
