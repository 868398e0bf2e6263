"""Write one picture, its thumbnail and the visible mark."""

from __future__ import annotations

from PIL import Image

from hinode.engines.base import Artifact, ArtifactRole, OutputFormat, RenderSpec
from hinode.engines.diffusers.rendering.pictures import Pixels
from hinode.engines.diffusers.rendering.video_file import MARK
from hinode.engines.output_files import OutputPaths, thumbnail
from hinode.engines.preview.drawing.planes import from_image, planes_of, to_image
from hinode.engines.preview.scene.watermark import Watermark
from hinode.media.image_files import save_image

_SUFFIXES = {OutputFormat.PNG: "png", OutputFormat.JPEG: "jpg", OutputFormat.WEBP: "webp"}


def write_picture(
    spec: RenderSpec, paths: OutputPaths, rendered: Pixels, metadata: dict[str, str]
) -> list[Artifact]:
    """Write the files of an output."""
    picture = Image.fromarray(rendered)
    if spec.watermark:
        marked = from_image(picture)
        Watermark(*picture.size, MARK).draw(planes_of(marked), 0.0)
        picture = to_image(marked)
    form = spec.picture_format
    path = paths.path(ArtifactRole.IMAGE, _SUFFIXES[form])
    save_image(picture, path, form, spec.picture_quality, metadata)
    made = Artifact(paths.output, ArtifactRole.IMAGE, path, f"image/{form.value}", *picture.size)
    return [made, thumbnail(picture, paths)]
