"""Make still pictures: drawn from the prompt, or from a reference that the prompt changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from hinode.engines.base import Artifact, ArtifactRole, PictureFormat, RenderSpec
from hinode.engines.preview.direction import Direction, direct
from hinode.engines.preview.files import Names, about, still_index, thumbnail
from hinode.engines.preview.grade import Grade, grade_for
from hinode.engines.preview.mark import Mark
from hinode.engines.preview.planes import from_picture, planes_of, to_picture
from hinode.engines.preview.scene import Scene
from hinode.engines.preview.sources import open_first_frame, open_mask, open_picture
from hinode.media.picture import save_picture

SUFFIXES = {PictureFormat.PNG: "png", PictureFormat.JPEG: "jpg", PictureFormat.WEBP: "webp"}
# A picture drawn into the white of a mask is at least this large.
LEAST_SIDE = 64
# How coarse each unfinished state is, in parts of the longer side, from the last to the first.
COARSE = (96, 34, 12)
# The most that outputs from one reference are cropped, and turned in colour, to tell them apart.
CROP, TURN = 0.09, 9.0


def render_picture(spec: RenderSpec, names: Names) -> list[Artifact]:
    """One output: the unfinished states (of the first output only), the picture, its thumbnail.

    Raises :class:`BadFirstFrame` or :class:`BadSource` for pictures that cannot be read.
    """
    picture = _picture(spec, names.output)
    artifacts = []
    if names.output == 0:
        for number in range(spec.partials):
            state = _unfinished(picture, spec.partials - number, spec.seed)
            artifacts.append(_saved(state, spec, ArtifactRole.PARTIAL, names, number))
    image = _saved(picture, spec, ArtifactRole.IMAGE, names, names.output)
    return [*artifacts, image, thumbnail(picture, names)]


def _saved(
    picture: Image.Image, spec: RenderSpec, role: ArtifactRole, names: Names, number: int
) -> Artifact:
    form = spec.picture_format
    path = Names(names.folder, number).of(role, SUFFIXES[form])
    save_picture(picture, path, form, spec.picture_quality, about(spec.prompt))
    return Artifact(number, role, path, f"image/{form.value}", *picture.size)


def _picture(spec: RenderSpec, output: int) -> Image.Image:
    direction = direct(spec.prompt, spec.seed + output)
    if spec.references and spec.mask is not None:
        return _inpainted(spec, spec.mask, direction)
    if spec.references:
        return _changed(spec, direction, output)
    size = spec.width, spec.height
    first = open_first_frame(spec.first_frame, *size) if spec.first_frame else None
    return _drawn(spec, direction, first)


def _drawn(
    spec: RenderSpec, direction: Direction, picture: Image.Image | None, grade: Grade | None = None
) -> Image.Image:
    scene = Scene(spec, direction, picture, grade=grade or Grade(), slowly=grade is None)
    return to_picture(scene.frame(still_index(spec)))


def _changed(spec: RenderSpec, direction: Direction, output: int) -> Image.Image:
    """The first reference in another light; the first output is cropped least."""
    picture = open_picture(spec.references[0], spec.width, spec.height, "the reference picture")
    rng = direction.rng("variation")
    grade = grade_for(spec.prompt).after(
        Grade(
            gain=float(rng.uniform(0.94, 1.04)),
            saturation=float(rng.uniform(0.85, 1.2)),
            blue=float(rng.uniform(-TURN, TURN)),
            red=float(rng.uniform(-TURN, TURN)),
        )
    )
    if output:
        picture = _cropped(picture, rng)
    return _drawn(_still(spec), direction, picture, grade)


def _cropped(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A part of the picture, enlarged to its size; mirrored by half of the seeds."""
    width, height = picture.size
    keep = 1 - float(rng.uniform(CROP / 3, CROP))
    left = float(rng.uniform(0, 1 - keep)) * width
    top = float(rng.uniform(0, 1 - keep)) * height
    box = (left, top, left + keep * width, top + keep * height)
    part = picture.resize(picture.size, Image.Resampling.BICUBIC, box=box)
    return part.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if rng.random() < 0.5 else part


def _inpainted(spec: RenderSpec, mask_path: Path, direction: Direction) -> Image.Image:
    """The first reference with a scene drawn where the mask is white, and nowhere else."""
    size = spec.width, spec.height
    picture = open_picture(spec.references[0], *size, "the reference picture")
    mask = open_mask(mask_path, *size)
    box = mask.point(lambda value: 255 if value >= 8 else 0).getbbox()
    if box is not None:
        drawn = _scene_for(spec, direction, box)
        picture.paste(drawn, box[:2], mask.crop(box))
    return _marked(picture) if spec.watermark else picture


def _scene_for(
    spec: RenderSpec, direction: Direction, box: tuple[int, int, int, int]
) -> Image.Image:
    """A scene as large as a box; drawn with even sides, as scenes have."""
    wide, tall = box[2] - box[0], box[3] - box[1]
    width, height = (max(LEAST_SIDE, side + side % 2) for side in (wide, tall))
    inside = replace(_still(spec), width=width, height=height, watermark=False)
    drawn = _drawn(inside, direction, None)
    return drawn.crop((0, 0, wide, tall))


def _still(spec: RenderSpec) -> RenderSpec:
    """As a single moment: the caption of a video is not shown in it."""
    return replace(spec, frames=1)


def _marked(picture: Image.Image) -> Image.Image:
    """The picture with the mark; around the mark it keeps its exact pixels."""
    plain = from_picture(picture)
    before = planes_of(plain).y.copy()
    Mark(*picture.size).draw(planes_of(plain), 0.0)
    box = Image.fromarray((planes_of(plain).y != before).astype(np.uint8)).getbbox()
    if box is not None:
        picture.paste(to_picture(plain).crop(box), box[:2])
    return picture


def _unfinished(picture: Image.Image, left: int, seed: int) -> Image.Image:
    """A state with ``left`` steps to go: softer, paler and noisier the more are left."""
    width, height = picture.size
    scale = COARSE[min(left, len(COARSE)) - 1] / max(width, height)
    small = picture.resize(
        (max(2, round(width * scale)), max(2, round(height * scale))), Image.Resampling.BOX
    )
    soft = small.resize(picture.size, Image.Resampling.BICUBIC)
    soft = soft.filter(ImageFilter.GaussianBlur(max(width, height) / 400 * left))
    rng = np.random.default_rng([seed & 0xFFFFFFFF, left])
    noise = rng.normal(0, 9.0 * left, (height, width, 1)).astype(np.float32)
    pixels = np.asarray(soft, dtype=np.float32)
    pixels += (128 - pixels) * np.float32(0.12 * left) + noise
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
