"""What each image route asks of the studio; plain synchronous code, one hop per request."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from hinode.api.openai.images.requests import ImageCreation
from hinode.core.assets.types import Asset
from hinode.core.auth.types import Caller, Scope
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.requests import IdempotencyKey, ImageRequest
from hinode.core.jobs.service import JobService
from hinode.core.jobs.types import Job
from hinode.core.text_checks import check_prompt
from hinode.media.types import ArtifactRole, MediaKind
from hinode.storage import ObjectMissing


@dataclass(frozen=True, slots=True)
class ImageVerbs:
    """The studio as the image routes use it. All methods raise :class:`HinodeError`."""

    jobs: JobService

    def caller(self, secret: str | None) -> Caller:
        """Prove who is calling."""
        return self.jobs.authenticate(secret, Scope.IMAGES)

    def check(self, creation: ImageCreation) -> None:
        """Raise for what is known to be wrong before its pictures are there."""
        check_prompt(creation.prompt)
        self.jobs.catalog.resolve(creation.wish, MediaKind.IMAGE)

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
            idempotency=None if key is None else IdempotencyKey(key, creation.fingerprint()),
        )
        return self.jobs.create_image(caller, request)

    def rendered(self, caller: Caller, job: Job) -> list[Asset]:
        """Return what a finished job rendered: a picture per output."""
        return self.jobs.rendered(caller, job.id, ArtifactRole.IMAGE)

    def encoded(self, caller: Caller, job: Job, role: ArtifactRole) -> list[str]:
        """Return the files of a finished job with a role, in base64."""
        assets = self.jobs.rendered(caller, job.id, role)
        try:
            files = [self.jobs.store.get_bytes(one.key) for one in assets]
        except ObjectMissing as error:
            raise HinodeError(ErrorCode.EXPIRED, "These files are gone.", param="id") from error
        return [base64.b64encode(file).decode() for file in files]
