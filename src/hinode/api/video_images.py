"""The images that a video is made from: first frame, last frame, references."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from hinode.api.input_loader import InputLoader
from hinode.core.assets.input_images import InputImage
from hinode.core.jobs.requests import VideoRequest
from hinode.kit.spool import Spooled
from hinode.media.types import ArtifactRole

IMAGE_FIELDS = {
    ArtifactRole.UPLOAD: "input_reference",
    ArtifactRole.LAST_FRAME: "last_frame",
    ArtifactRole.REFERENCE: "reference_images",
}


@asynccontextmanager
async def with_decoded_images(
    loader: InputLoader,
    request: VideoRequest,
    contents: Sequence[Spooled],
    roles: Sequence[ArtifactRole],
) -> AsyncIterator[VideoRequest]:
    """Decode images of these roles into a request, for the length of the block."""
    async with loader.decoded(contents, [IMAGE_FIELDS[role] for role in roles]) as images:
        yield with_images(request, list(zip(roles, images, strict=True)))


def with_images(
    request: VideoRequest, images: Sequence[tuple[ArtifactRole, InputImage]]
) -> VideoRequest:
    """Return the request with decoded images of these roles."""

    def of(wanted: ArtifactRole) -> tuple[InputImage, ...]:
        found = [image for role, image in images if role is wanted]
        return tuple(replace(one, role=wanted, index=place) for place, one in enumerate(found))

    return replace(
        request,
        first_frame=next(iter(of(ArtifactRole.UPLOAD)), None),
        last_frame=next(iter(of(ArtifactRole.LAST_FRAME)), None),
        reference_images=of(ArtifactRole.REFERENCE),
    )
