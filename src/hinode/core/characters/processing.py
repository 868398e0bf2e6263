"""Process cameos in a worker: extract the image of a character from the stored clip."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from hinode.core.characters import cameo_repository
from hinode.core.characters.images import image_key
from hinode.core.characters.types import Cameo, CameoState
from hinode.core.host_failures import HostFailure, host_failure
from hinode.media.clip_check import BadClip, ClipLimits, Sampling, check_clip
from hinode.storage.errors import ObjectMissing

if TYPE_CHECKING:
    from hinode.db.database import Database
    from hinode.storage.store import ObjectStore

CANDIDATES = 7
"""Number of frames of the range that are compared; the sharpest becomes the image."""

MAX_ATTEMPTS = 5
"""Maximum attempts to process a cameo; without it a clip that crashes its worker would crash the
next one forever."""

# Host failures that do not count as attempts. Exhausted memory and dead child processes do,
# because a clip can cause them.
_NOT_THE_CLIPS_FAULT = frozenset(HostFailure) - {HostFailure.MEMORY, HostFailure.CHILD_PROCESS}
_CLIP_MISSING = "The clip was not found; upload it again."
_TOO_MANY_ATTEMPTS = "The clip could not be processed; try another one."

log = structlog.get_logger("hinode.cameo")


@dataclass(frozen=True, slots=True)
class CharacterProcessor:
    """Processes the cameos of all accounts."""

    db: Database
    store: ObjectStore

    def process(self, cameo_id: UUID) -> CameoState | None:
        """Store a cameo's image, or the reason of its failure; None when it had ended before.

        Safe to repeat, also after a crash or a failure of the host, which does not count as an
        attempt. Blocks for up to 20 seconds.
        """
        cameo = self._begin(cameo_id)
        if cameo is None or cameo.clip_key is None:
            return None
        try:
            key = self._make_image(cameo, cameo.clip_key)
        except BadClip as error:
            return self._end(cameo, CameoState.FAILED, reason=str(error))
        except ObjectMissing:
            return self._end(cameo, CameoState.FAILED, reason=_CLIP_MISSING)
        except Exception as error:
            if host_failure(error) in _NOT_THE_CLIPS_FAULT:
                self._uncount_attempt(cameo)
            raise
        return self._end(cameo, CameoState.READY, key=key)

    def _begin(self, cameo_id: UUID) -> Cameo | None:
        with self.db.write() as conn:
            if not cameo_repository.begin_attempt(conn, cameo_id):
                return None
            cameo = cameo_repository.find(conn, cameo_id)
            if cameo is not None and cameo.attempts > MAX_ATTEMPTS:
                cameo_repository.end(conn, cameo_id, CameoState.FAILED, reason=_TOO_MANY_ATTEMPTS)
                return None
            return cameo

    def _uncount_attempt(self, cameo: Cameo) -> None:
        # Best effort: if this fails as well, the attempt counts; the host's failure is raised.
        with suppress(Exception), self.db.write() as conn:
            cameo_repository.uncount_attempt(conn, cameo.id)

    def _make_image(self, cameo: Cameo, clip_key: str) -> str:
        between = (cameo.range.begin, cameo.range.end)
        with tempfile.TemporaryDirectory(prefix="hinode-cameo-") as folder:
            clip, image = Path(folder) / "clip", Path(folder) / "portrait.webp"
            self.store.download_to(clip_key, clip)
            check_clip(clip, ClipLimits(), Sampling(image, between, CANDIDATES))
            # The same key in each attempt, so that a retry after a crash overwrites the image.
            key = image_key(cameo.id)
            self.store.put_file(key, image, "image/webp")
        return key

    def _end(
        self, cameo: Cameo, state: CameoState, *, key: str | None = None, reason: str | None = None
    ) -> CameoState | None:
        with self.db.write() as conn:
            ended = cameo_repository.end(conn, cameo.id, state, image_key=key, reason=reason)
        if cameo.clip_key is not None:
            self.store.delete([cameo.clip_key])
        if not ended:
            return None
        log.info("cameo processed", cameo_id=cameo.id.hex, state=state.value)
        return state
