"""Render still pictures: from the prompt, or from a reference that the prompt changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from hinode.engines.base import Artifact, ArtifactRole, OutputFormat, RenderSpec
from hinode.engines.finished_pictures import PARTIAL_SIDE
from hinode.engines.output_files import OutputPaths, poster_index, thumbnail
from hinode.engines.preview.comment import preview_metadata
from hinode.engines.preview.drawing.planes import from_image, planes_of, to_image
from hinode.engines.preview.inputs import open_first_frame, open_image, open_mask
from hinode.engines.preview.scene.description import SceneDescription, describe_scene
from hinode.engines.preview.scene.scene import Scene
from hinode.engines.preview.scene.watermark import Watermark
from hinode.engines.preview.styles.grade import ColourGrade, grade_for
from hinode.media.image_files import save_image

SUFFIXES = {OutputFormat.PNG: "png", OutputFormat.JPEG: "jpg", OutputFormat.WEBP: "webp"}
# A picture drawn into the white of a mask is at least this large.
MIN_SCENE_SIDE = 64
# How coarse each unfinished state is, in parts of the longer side, from the last to the first.
PARTIAL_SIDES = (96, 34, 12)
# The most that outputs from one reference are cropped, and turned in colour, to tell them apart.
MAX_CROP, MAX_COLOUR_SHIFT = 0.09, 9.0


def render_image(spec: RenderSpec, paths: OutputPaths) -> list[Artifact]:
    """Render one output: unfinished states (first output only), the picture, its thumbnail.

    Raises :class:`BadFirstFrame` or :class:`BadSource` for pictures that cannot be read.
    """
    picture = _output_image(spec, paths.output)
    artifacts = []
    if paths.output == 0:
        for number in range(spec.partials):
            state = _partial(picture, spec.partials - number)
            artifacts.append(_save(state, spec, ArtifactRole.PARTIAL, paths, number))
    image = _save(picture, spec, ArtifactRole.IMAGE, paths, paths.output)
    return [*artifacts, image, thumbnail(picture, paths)]


def _save(
    picture: Image.Image, spec: RenderSpec, role: ArtifactRole, paths: OutputPaths, number: int
) -> Artifact:
    form = spec.picture_format
    path = OutputPaths(paths.folder, number).path(role, SUFFIXES[form])
    save_image(picture, path, form, spec.picture_quality, preview_metadata(spec.prompt))
    return Artifact(number, role, path, f"image/{form.value}", *picture.size)


def _output_image(spec: RenderSpec, output: int) -> Image.Image:
    description = describe_scene(spec.prompt, spec.seed + output)
    if spec.references and spec.mask is not None:
        return _inpaint(spec, spec.mask, description)
    if spec.references:
        return _from_reference(spec, description, output)
    size = spec.width, spec.height
    first = open_first_frame(spec.first_frame, *size) if spec.first_frame else None
    return _draw(spec, description, first)


def _draw(
    spec: RenderSpec,
    description: SceneDescription,
    picture: Image.Image | None,
    grade: ColourGrade | None = None,
) -> Image.Image:
    scene = Scene(spec, description, picture, grade=grade or ColourGrade(), fade_in=grade is None)
    return to_image(scene.frame(poster_index(spec)))


def _from_reference(spec: RenderSpec, description: SceneDescription, output: int) -> Image.Image:
    """Return the first reference in another light; the first output is cropped least."""
    picture = open_image(spec.references[0], spec.width, spec.height, "the reference picture")
    rng = description.rng("variation")
    grade = grade_for(spec.prompt).combined_with(
        ColourGrade(
            gain=float(rng.uniform(0.94, 1.04)),
            saturation=float(rng.uniform(0.85, 1.2)),
            blue=float(rng.uniform(-MAX_COLOUR_SHIFT, MAX_COLOUR_SHIFT)),
            red=float(rng.uniform(-MAX_COLOUR_SHIFT, MAX_COLOUR_SHIFT)),
        )
    )
    if output:
        picture = _crop(picture, rng)
    return _draw(_single_frame(spec), description, picture, grade)


def _crop(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return a part of the picture, enlarged to its size; mirrored by half of the seeds."""
    width, height = picture.size
    keep = 1 - float(rng.uniform(MAX_CROP / 3, MAX_CROP))
    left = float(rng.uniform(0, 1 - keep)) * width
    top = float(rng.uniform(0, 1 - keep)) * height
    box = (left, top, left + keep * width, top + keep * height)
    part = picture.resize(picture.size, Image.Resampling.BICUBIC, box=box)
    return part.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if rng.random() < 0.5 else part


def _inpaint(spec: RenderSpec, mask_path: Path, description: SceneDescription) -> Image.Image:
    """Return the first reference with a scene drawn where the mask is white, and nowhere else."""
    size = spec.width, spec.height
    picture = open_image(spec.references[0], *size, "the reference picture")
    mask = open_mask(mask_path, *size)
    box = mask.point(lambda value: 255 if value >= 8 else 0).getbbox()
    if box is not None:
        drawn = _scene_for(spec, description, box)
        picture.paste(drawn, box[:2], mask.crop(box))
    return _watermarked(picture) if spec.watermark else picture


def _scene_for(
    spec: RenderSpec, description: SceneDescription, box: tuple[int, int, int, int]
) -> Image.Image:
    """Return a scene as large as a box; drawn with even sides, as scenes have."""
    wide, tall = box[2] - box[0], box[3] - box[1]
    width, height = (max(MIN_SCENE_SIDE, side + side % 2) for side in (wide, tall))
    inside = replace(_single_frame(spec), width=width, height=height, watermark=False)
    drawn = _draw(inside, description, None)
    return drawn.crop((0, 0, wide, tall))


def _single_frame(spec: RenderSpec) -> RenderSpec:
    """Return the spec as a single moment, in which no caption is shown."""
    return replace(spec, frames=1)


def _watermarked(picture: Image.Image) -> Image.Image:
    """Return the picture with the mark; around the mark it keeps its exact pixels."""
    plain = from_image(picture)
    before = planes_of(plain).y.copy()
    Watermark(*picture.size).draw(planes_of(plain), 0.0)
    box = Image.fromarray((planes_of(plain).y != before).astype(np.uint8)).getbbox()
    if box is not None:
        picture.paste(to_image(plain).crop(box), box[:2])
    return picture


def _partial(picture: Image.Image, left: int) -> Image.Image:
    """Return a state with ``left`` steps to go: softer and paler the more are left."""
    width, height = picture.size
    scale = PARTIAL_SIDES[min(left, len(PARTIAL_SIDES)) - 1] / max(width, height)
    coarse = picture.resize(
        (max(2, round(width * scale)), max(2, round(height * scale))), Image.Resampling.BOX
    )
    shown = min(1.0, PARTIAL_SIDE / max(width, height))
    size = max(2, round(width * shown)), max(2, round(height * shown))
    soft = coarse.resize(size, Image.Resampling.BICUBIC)
    return Image.blend(soft, Image.new("RGB", size, (128, 128, 128)), 0.12 * left)
