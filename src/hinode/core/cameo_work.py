"""The verbs of those who process cameos: from a stored clip to a stored picture."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from hinode.core.characters import cameo_repository
from hinode.core.characters.cameo_service import CameoService
from hinode.core.characters.types import Cameo, CameoState
from hinode.core.portraits import portrait_key
from hinode.media.clip_check import BadClip, ClipLimits, check_clip
from hinode.storage.errors import ObjectMissing

if TYPE_CHECKING:
    from hinode.db.database import Database
    from hinode.storage.store import ObjectStore

CANDIDATES = 7
"""Pictures of the chosen part that are compared; the sharpest becomes the portrait."""

_GONE = "The clip is gone; upload it again."


@dataclass(frozen=True, slots=True)
class CameoWork:
    """What a worker may do with cameos; it acts for no caller."""

    db: Database
    store: ObjectStore
    cameos: CameoService

    def process(self, cameo_id: UUID) -> CameoState | None:
        """Make a cameo's portrait, or learn why there can be none; None: it had ended before.

        May be done any number of times, after a crash too. Blocks for up to 20 seconds.
        """
        with self.db.write() as conn:
            cameo = self.cameos.begin(conn, cameo_id)
        if cameo is None or cameo.clip_key is None:
            return None
        try:
            key = self._make_portrait(cameo, cameo.clip_key)
        except BadClip as refusal:
            return self._end(cameo, CameoState.FAILED, reason=str(refusal))
        except ObjectMissing:
            return self._end(cameo, CameoState.FAILED, reason=_GONE)
        return self._end(cameo, CameoState.READY, portrait_key=key)

    def _make_portrait(self, cameo: Cameo, clip_key: str) -> str:
        between = (cameo.range.begin, cameo.range.end)
        with tempfile.TemporaryDirectory(prefix="hinode-cameo-") as folder:
            clip, portrait = Path(folder) / "clip", Path(folder) / "portrait.webp"
            self.store.download_to(clip_key, clip)
            check_clip(
                clip, ClipLimits(), image_path=portrait, time_range=between, candidates=CANDIDATES
            )
            # The same key each time, so that a second try after a crash replaces it.
            key = portrait_key(cameo.id)
            self.store.put_file(key, portrait, "image/webp")
        return key

    def _end(
        self,
        cameo: Cameo,
        state: CameoState,
        *,
        portrait_key: str | None = None,
        reason: str | None = None,
    ) -> CameoState | None:
        with self.db.write() as conn:
            moved = cameo_repository.end(
                conn, cameo.id, state, portrait_key=portrait_key, reason=reason
            )
        if cameo.clip_key is not None:
            self.store.delete([cameo.clip_key])
        return state if moved else None
