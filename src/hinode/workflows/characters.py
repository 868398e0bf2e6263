"""Processing a cameo: its picture is made and stored, or its reason is written down.

A crash on the way makes the same steps once more, with the same end.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import UUID

import structlog

from hinode.core.cameo_work import CameoWork

log = structlog.get_logger("hinode.cameo")


@dataclass(frozen=True, slots=True)
class CharacterProcessor:
    """Processes one cameo per call, whichever process took it in."""

    work: CameoWork

    async def process(self, cameo_hex: str) -> None:
        """Process a cameo unless it is through."""
        state = await asyncio.to_thread(self.work.process, UUID(cameo_hex))
        if state is not None:
            log.info("cameo processed", cameo_id=cameo_hex, state=state.value)
