"""What each image route asks of the studio; plain synchronous code, one hop per request."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from hinode.api.openai.images.creation import ImageCreation
from hinode.media.kinds import ArtifactRole, MediaKind
from hinode.storage import ObjectMissing
from hinode.studio.access.types import Caller, Scope
from hinode.studio.assets.types import Asset
from hinode.studio.errors import ErrorCode, StudioError
from hinode.studio.jobs.requests import Idempotency, ImageRequest
from hinode.studio.jobs.types import Job
from hinode.studio.studio import Studio
from hinode.studio.text import check_prompt


@dataclass(frozen=True, slots=True)
class ImageVerbs:
    """The studio as the image routes use it. All methods raise :class:`StudioError`."""

    studio: Studio

    def caller(self, secret: str | None) -> Caller:
        """Prove who is calling."""
        return self.studio.authenticate(secret, Scope.IMAGES)

    def check(self, creation: ImageCreation) -> None:
        """Raise for what is known to be wrong before its pictures are there."""
        check_prompt(creation.prompt)
        self.studio.catalog.fit(creation.wish, MediaKind.IMAGE)

    def create(
        self, caller: Caller, creation: ImageCreation, loaded: Sequence[bytes], key: str | None
    ) -> Job:
        """Make a job; ``loaded`` are its pictures and then its mask, ``key`` is for idempotency."""
        count = len(creation.pictures)
        request = ImageRequest(
            creation.prompt,
            creation.wish,
            references=tuple(loaded[:count]),
            mask=loaded[count] if creation.mask else None,
            picture_format=creation.look.picture_format,
            picture_quality=creation.look.quality,
            partials=creation.delivery.partials,
            style=creation.look.style,
            idempotency=None if key is None else Idempotency(key, creation.fingerprint()),
        )
        return self.studio.create_image(caller, request)

    def rendered(self, caller: Caller, job: Job) -> list[Asset]:
        """Return what a finished job rendered: a picture per output."""
        return self.studio.rendered(caller, job.id, ArtifactRole.IMAGE)

    def encoded(self, caller: Caller, job: Job, role: ArtifactRole) -> list[str]:
        """Return the files of a finished job with a role, in base64."""
        assets = self.studio.rendered(caller, job.id, role)
        try:
            files = [self.studio.store.get_bytes(one.key) for one in assets]
        except ObjectMissing as error:
            raise StudioError(ErrorCode.EXPIRED, "These files are gone.", param="id") from error
        return [base64.b64encode(file).decode() for file in files]
