"""The files of one output: their names, metadata and thumbnail; shared by engines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from hinode.engines.base import Artifact, ArtifactRole, RenderSpec
from hinode.media.image_files import save_thumbnail

TITLE_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class OutputPaths:
    """The file names of one output."""

    folder: Path
    output: int

    def path(self, role: ArtifactRole, suffix: str) -> Path:
        """Return the path for a role."""
        return self.folder / f"{role.value}-{self.output}.{suffix}"


def poster_index(spec: RenderSpec) -> int:
    """Return the frame of the thumbnail: at two fifths, with its caption shown."""
    return spec.frames * 2 // 5


def thumbnail(picture: Image.Image, paths: OutputPaths) -> Artifact:
    """Save the thumbnail of an output."""
    path = paths.path(ArtifactRole.THUMBNAIL, "webp")
    width, height = save_thumbnail(picture, path)
    return Artifact(paths.output, ArtifactRole.THUMBNAIL, path, "image/webp", width, height)


def file_metadata(prompt: str, comment: str) -> dict[str, str]:
    """Return a file's metadata: the prompt as its title, and what made it as its comment."""
    title = " ".join(prompt.split())
    if len(title) > TITLE_CHARACTERS:
        title = title[: TITLE_CHARACTERS - 1] + "…"
    return {"title": title, "comment": comment}
