"""The verbs of cameos: a clip is sent in, becomes a picture, and then a character."""

from __future__ import annotations

import tempfile
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts import names
from hinode.core.accounts.types import NameKind
from hinode.core.auth.types import Caller
from hinode.core.characters import cameo_service, repository, service
from hinode.core.characters.cameo_service import CameoService, check_range
from hinode.core.characters.hints import hints_for
from hinode.core.characters.types import (
    Cameo,
    CameoState,
    Character,
    NewCharacter,
    Range,
)
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.service import JobService
from hinode.core.portraits import Portraits
from hinode.kit.clock import Clock
from hinode.kit.ids import new_id
from hinode.media.types import ArtifactRole, MediaKind
from hinode.storage.errors import ObjectMissing

if TYPE_CHECKING:
    from hinode.db.database import Database
    from hinode.storage.store import ObjectStore


@dataclass(frozen=True, slots=True)
class CameoDesk:
    """What callers may do with cameos. All methods raise :class:`HinodeError`."""

    db: Database
    store: ObjectStore
    jobs: JobService
    portraits: Portraits
    cameos: CameoService
    clock: Clock

    def upload(self, caller: Caller, clip: bytes, chosen: Range) -> Cameo:
        """Take a clip that shows somebody in this part of it, and have it processed.

        What is wrong with the clip itself is told by the cameo, which fails with a reason.
        """
        check_range(chosen)
        with tempfile.TemporaryDirectory(prefix="hinode-cameo-") as folder:
            path = Path(folder) / "clip"
            path.write_bytes(clip)
            return self._open(caller, path, chosen)

    def from_generation(self, caller: Caller, job_id: UUID, output: int, chosen: Range) -> Cameo:
        """As :meth:`upload`, with a video that the caller's account has made."""
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
                    ErrorCode.EXPIRED, "This video is gone.", param="generation_id"
                ) from error
            return self._open(caller, path, chosen)

    def get(self, caller: Caller, cameo_id: UUID) -> Cameo:
        """Return a cameo of the caller's account."""
        with self.db.read() as conn:
            return cameo_service.get(conn, caller.account_id, cameo_id)

    def finalize(self, caller: Caller, new: NewCharacter) -> Character:
        """Make a processed cameo a character; the same cameo gives the same character again."""
        name = service.check_name(new.name, "display_name")
        service.check_instructions(new.instructions, "instruction_set")
        service.check_instructions(new.safety_instructions, "safety_instruction_set")
        names.check_username(new.username)
        cameo = self.get(caller, new.cameo_id)
        own_portrait = cameo_service.portrait_of(cameo)
        try:
            return self._earlier(caller, cameo.id) or self._make(caller, new, name, own_portrait)
        except sa.exc.IntegrityError as error:
            # Somebody finalized it a moment ago, or what it became was deleted.
            earlier = self._earlier(caller, cameo.id)
            if earlier is None:
                raise _deleted() from error
            return earlier

    def _make(self, caller: Caller, new: NewCharacter, name: str, own_portrait: str) -> Character:
        character_id = new_id()
        with self._picture(caller, character_id, new.picture, own_portrait) as key:
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
                cameo_service.get(conn, caller.account_id, new.cameo_id)
                repository.insert(conn, character)
                names.claim(conn, new.username, NameKind.CHARACTER, character.id)
                # As it will be read from now on: the database rounds moments.
                return service.get(conn, caller.account_id, character.id)

    def _picture(
        self, caller: Caller, character_id: UUID, file_id: UUID | None, own: str
    ) -> AbstractContextManager[str]:
        if file_id is None:
            return nullcontext(own)
        return self.portraits.kept(caller.account_id, character_id, file_id)

    def _earlier(self, caller: Caller, cameo_id: UUID) -> Character | None:
        with self.db.read() as conn:
            return repository.of_cameo(conn, caller.account_id, cameo_id)

    def _open(self, caller: Caller, clip: Path, chosen: Range) -> Cameo:
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
            starts=0,
            portrait_key=None,
            reason=None,
            hints=hints,
            created_at=self.clock.now(),
        )
        self.store.put_file(key, clip, "application/octet-stream")
        try:
            with self.db.write() as conn:
                self.cameos.open(conn, cameo)
        except BaseException:
            self.store.delete([key])
            raise
        return cameo


def _deleted() -> HinodeError:
    return HinodeError(
        ErrorCode.CHARACTER_NOT_FOUND,
        "The character that this cameo became was deleted.",
        param="cameo_id",
        hint="Upload the clip again.",
    )
