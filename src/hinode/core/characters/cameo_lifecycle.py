"""Cameos: upload a clip, poll its processing, and make it a character."""

from __future__ import annotations

import tempfile
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts import usernames
from hinode.core.accounts.types import UsernameKind
from hinode.core.auth.reserved_names import check_not_reserved
from hinode.core.auth.types import Caller
from hinode.core.characters import cameo_repository, lookup, repository
from hinode.core.characters.hints import hints_for
from hinode.core.characters.images import CharacterImageStore
from hinode.core.characters.types import (
    Cameo,
    CameoState,
    Character,
    CharacterCreate,
    Range,
    VisibleCharacters,
)
from hinode.core.characters.validation import (
    check_consent,
    check_instructions,
    check_name,
    check_range,
)
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.service import JobService
from hinode.kit.clock import Clock
from hinode.kit.ids import new_id
from hinode.media.types import ArtifactRole, MediaKind
from hinode.storage.errors import ObjectMissing

if TYPE_CHECKING:
    from hinode.db.database import Database
    from hinode.storage.store import ObjectStore

MAX_PROCESSING = 5
"""Maximum of queued and running cameos of one account; each has a clip in the object store."""


class CameoQueue(Protocol):
    """The queue of cameos to process."""

    def enqueue(self, conn: sa.Connection, cameo_id: UUID) -> None:
        """Enqueue a cameo in the caller's transaction."""
        ...


@dataclass(frozen=True, slots=True)
class CameoLifecycle:
    """Cameos of callers; all methods raise :class:`HinodeError`."""

    db: Database
    store: ObjectStore
    jobs: JobService
    images: CharacterImageStore
    queue: CameoQueue
    clock: Clock
    consent_required: bool = False

    def upload(self, caller: Caller, clip: Path, chosen: Range, consent: bool = False) -> Cameo:
        """Store a clip and enqueue the processing of the range that shows the character.

        The clip is validated by the processing: the cameo of an invalid one fails with a reason.
        ``consent``: the uploader states that the person shown agrees.
        """
        check_range(chosen)
        check_consent(self.consent_required, consent)
        return self._create(caller, clip, chosen, consent)

    def from_generation(self, caller: Caller, job_id: UUID, output: int, chosen: Range) -> Cameo:
        """Create a cameo as :meth:`upload` does, from an output of a job of the caller."""
        check_range(chosen)
        job = self.jobs.job(caller, job_id).job
        if job.kind is not MediaKind.VIDEO or output >= job.plan.outputs:
            raise HinodeError(
                ErrorCode.JOB_NOT_FOUND, "There is no such video.", param="generation_id"
            )
        video = self.jobs.content(caller, job_id, ArtifactRole.VIDEO, output)
        with tempfile.TemporaryDirectory(prefix="hinode-cameo-") as folder:
            path = Path(folder) / "clip"
            try:
                self.store.download_to(video.key, path)
            except ObjectMissing as error:
                raise HinodeError(
                    ErrorCode.EXPIRED,
                    "The files of this video have expired.",
                    param="generation_id",
                    hint="Render it again.",
                ) from error
            return self._create(caller, path, chosen, consent=False)

    def get(self, caller: Caller, cameo_id: UUID) -> Cameo:
        """Return a cameo of the caller's account."""
        with self.db.read() as conn:
            return _get(conn, caller.account_id, cameo_id)

    def finalize(self, caller: Caller, new: CharacterCreate) -> VisibleCharacters:
        """Make a processed cameo a character; a repeat returns the character of the first call."""
        name, cameo_image = self.check_finalize(caller, new)
        try:
            character = self._existing(caller, new.cameo_id) or self._make(
                caller, new, name, cameo_image
            )
        except sa.exc.IntegrityError as error:
            # The unique index on the cameo: a concurrent request made the character, or the
            # character was deleted and its row is not purged yet.
            existing = self._existing(caller, new.cameo_id)
            if existing is None:
                raise _deleted() from error
            character = existing
        with self.db.read() as conn:
            return lookup.with_owner(conn, caller, caller.account_id, [character])

    def check_finalize(self, caller: Caller, new: CharacterCreate) -> tuple[str, str]:
        """Return the normalized name of the character and the key of the cameo's image.

        An early check of the fields and the cameo, before the image is decoded.
        """
        name = check_name(new.name, "display_name")
        check_instructions(new.instructions, "instruction_set")
        check_instructions(new.safety_instructions, "safety_instruction_set")
        usernames.check_username(new.username)
        return name, _image_of(self.get(caller, new.cameo_id))

    def _make(self, caller: Caller, new: CharacterCreate, name: str, cameo_image: str) -> Character:
        character_id = new_id()
        with self._image(character_id, new.image, cameo_image) as key:
            character = Character(
                id=character_id,
                account_id=caller.account_id,
                name=name,
                key=key,
                created_at=self.clock.now(),
                instructions=new.instructions,
                safety_instructions=new.safety_instructions,
                cameo_id=new.cameo_id,
                username=new.username,
            )
            with self.db.write() as conn:
                cameo = _get(conn, caller.account_id, new.cameo_id)
                repository.insert(conn, replace(character, consent=cameo.consent))
                check_not_reserved(conn, new.username, caller.account_id)
                usernames.claim(conn, new.username, UsernameKind.CHARACTER, character.id)
                # Read back, because the database rounds times to milliseconds.
                return lookup.get(conn, caller.account_id, character.id)

    def _image(
        self, character_id: UUID, portrait: Path | None, cameo_image: str
    ) -> AbstractContextManager[str]:
        if portrait is None:
            return nullcontext(cameo_image)
        return self.images.stored(character_id, portrait)

    def _existing(self, caller: Caller, cameo_id: UUID) -> Character | None:
        with self.db.read() as conn:
            return repository.of_cameo(conn, caller.account_id, cameo_id)

    def _create(self, caller: Caller, clip: Path, chosen: Range, consent: bool) -> Cameo:
        cameo_id = new_id()
        key = f"cameos/{cameo_id.hex}/clip"
        with self.db.read() as conn:
            hints = hints_for(conn, caller.account_id, cameo_id)
        cameo = Cameo(
            id=cameo_id,
            account_id=caller.account_id,
            state=CameoState.PROCESSING,
            clip_key=key,
            range=chosen,
            attempts=0,
            image_key=None,
            reason=None,
            hints=hints,
            created_at=self.clock.now(),
            consent=consent,
        )
        self.store.put_file(key, clip, "application/octet-stream")
        try:
            with self.db.write() as conn:
                self._enqueue(conn, cameo)
        except BaseException:
            self.store.delete([key])
            raise
        return cameo

    def _enqueue(self, conn: sa.Connection, cameo: Cameo) -> None:
        processing = cameo_repository.count_processing(conn, cameo.account_id)
        if processing >= MAX_PROCESSING:
            raise HinodeError(
                ErrorCode.TOO_MANY_JOBS,
                f"This account has {processing} clips in processing, which is its limit.",
                hint="Wait until one of them is processed.",
                details={"num_tasks": processing},
            )
        cameo_repository.insert(conn, cameo)
        self.queue.enqueue(conn, cameo.id)


def _get(conn: sa.Connection, account_id: UUID, cameo_id: UUID) -> Cameo:
    cameo = cameo_repository.find_own(conn, account_id, cameo_id)
    if cameo is None:
        raise HinodeError(
            ErrorCode.CHARACTER_NOT_FOUND,
            "There is no such cameo in this account.",
            param="cameo_id",
        )
    return cameo


def _image_of(cameo: Cameo) -> str:
    if cameo.image_key is not None:
        return cameo.image_key
    if cameo.state is CameoState.FAILED:
        raise HinodeError(
            ErrorCode.INVALID_CLIP,
            f"The processing of this clip failed: {cameo.reason}",
            param="cameo_id",
            hint="Upload another clip.",
        )
    raise HinodeError(
        ErrorCode.NOT_READY,
        "This cameo is still being processed.",
        param="cameo_id",
        hint="Poll it until its status_message is Completed.",
    )


def _deleted() -> HinodeError:
    return HinodeError(
        ErrorCode.CHARACTER_NOT_FOUND,
        "The character of this cameo was deleted.",
        param="cameo_id",
        hint="Upload the clip again.",
    )
