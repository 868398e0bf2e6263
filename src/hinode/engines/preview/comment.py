"""The metadata of the preview's files."""

from __future__ import annotations

from hinode._version import __version__
from hinode.engines.output_files import file_metadata


def preview_metadata(prompt: str) -> dict[str, str]:
    """Return a file's metadata: the prompt, and that no generative model made it."""
    return file_metadata(
        prompt,
        f"Animated preview drawn by Hinode {__version__} preview engine; "
        "not made by a generative video model",
    )
