"""The last touch on any engine's pictures: masks are kept to, unfinished states made small."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from PIL import Image

from hinode.engines.base import Artifact, ArtifactRole, EngineError, OutputFormat, RenderSpec
from hinode.media.image_files import cover_fit, cover_fit_mask, save_image, save_thumbnail

PARTIAL_SIDE = 512
PARTIAL_QUALITY = 75
_LOSSLESS = 100
_FORMATS = tuple(one.upper() for one in OutputFormat)
_UNREADABLE = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)


def spec_for_engine(spec: RenderSpec) -> RenderSpec:
    """Return what an engine renders: a picture with a mask without loss, for it is laid on another.

    A visible mark may lie outside of the mask, so the engine that draws it keeps to the mask.
    """
    if not _is_composited(spec):
        return spec
    return replace(spec, picture_format=OutputFormat.PNG, picture_quality=_LOSSLESS)


def finish_pictures(spec: RenderSpec, artifacts: Sequence[Artifact]) -> list[Artifact]:
    """Return the files of an engine as the job gives them out.

    Raises :class:`EngineError` for a picture that cannot be read.
    """
    with _read_errors():
        finished = [_finished(spec, one) for one in artifacts]
        if _is_composited(spec):
            _renew_thumbnails(finished)
    return finished


def _is_composited(spec: RenderSpec) -> bool:
    return spec.mask is not None and bool(spec.references) and not spec.watermark


def _finished(spec: RenderSpec, artifact: Artifact) -> Artifact:
    match artifact.role:
        case ArtifactRole.PARTIAL:
            return _small(spec, artifact)
        case ArtifactRole.IMAGE if _is_composited(spec):
            return _composited(spec, artifact)
    return artifact


def _small(spec: RenderSpec, artifact: Artifact) -> Artifact:
    """Return an unfinished state in the format of the picture, for a look and no more."""
    with _opened(artifact.path) as image:
        state = image.convert("RGB")
    state.thumbnail((PARTIAL_SIDE, PARTIAL_SIDE), Image.Resampling.LANCZOS)
    quality = min(PARTIAL_QUALITY, spec.picture_quality)
    return _saved(state, replace(spec, picture_quality=quality), artifact, {})


def _composited(spec: RenderSpec, artifact: Artifact) -> Artifact:
    """Return the first reference, changed only where the mask is white."""
    if spec.mask is None:
        raise ValueError("the spec has no mask")
    with _opened(artifact.path) as image:
        text = {name: str(value) for name, value in getattr(image, "text", {}).items()}
        changed = image.convert("RGB")
    with Image.open(spec.references[0]) as image:
        reference = cover_fit(image, *changed.size)
    with Image.open(spec.mask) as image:
        mask = cover_fit_mask(image, *changed.size)
    return _saved(Image.composite(changed, reference, mask), spec, artifact, text)


def _renew_thumbnails(artifacts: Sequence[Artifact]) -> None:
    """Write the thumbnails of pictures again, which showed them before."""
    pictures = {one.output: one.path for one in artifacts if one.role is ArtifactRole.IMAGE}
    for one in artifacts:
        if one.role is ArtifactRole.THUMBNAIL and one.output in pictures:
            with _opened(pictures[one.output]) as image:
                save_thumbnail(image.convert("RGB"), one.path)


def _saved(
    picture: Image.Image, spec: RenderSpec, artifact: Artifact, text: dict[str, str]
) -> Artifact:
    form = spec.picture_format
    path = artifact.path.with_name(f"{artifact.path.stem}.finished.{form.value}")
    save_image(picture, path, form, spec.picture_quality, text)
    return replace(
        artifact,
        path=path,
        content_type=f"image/{form.value}",
        width=picture.width,
        height=picture.height,
    )


def _opened(path: Path) -> Image.Image:
    return Image.open(path, formats=_FORMATS)


@contextmanager
def _read_errors() -> Iterator[None]:
    try:
        yield
    except _UNREADABLE as error:
        raise EngineError("bad_result", f"What was rendered cannot be read: {error}") from error
