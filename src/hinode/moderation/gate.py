"""The gate that content passes: a moderator within its time, and the rule for its failures."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

import structlog

from hinode.moderation.types import (
    ModerationFailed,
    Moderator,
    Review,
    ReviewedContent,
    ReviewStage,
    Verdict,
)

log = structlog.get_logger("hinode.moderation")


@dataclass(frozen=True, slots=True)
class ModerationGate:
    """Reviews of the stages that the settings name.

    With ``fails_open`` content passes where the moderator gives no verdict within ``seconds``, and
    the job says that it was not reviewed. ``frames`` are sent of each rendered video. A rendered
    video is costly: its review is tried again after each of ``pauses``, in seconds.
    """

    moderator: Moderator
    stages: frozenset[ReviewStage]
    seconds: float
    fails_open: bool = False
    frames: int = 4
    pauses: tuple[float, ...] = (2.0, 5.0, 10.0)

    async def review(self, content: ReviewedContent) -> Review:
        """Return the verdict. Raises :class:`ModerationFailed` where failures block."""
        try:
            review = await self._reviewed(content)
        except ModerationFailed as error:
            log.warning("moderation failed", stage=content.stage, reason=str(error))
            if not self.fails_open:
                raise
            return Review(Verdict.UNREVIEWED, str(error))
        if review.verdict is not Verdict.ALLOW:
            # Reasons may quote the prompt, so only the job has them.
            log.info(
                "content reviewed",
                stage=content.stage,
                verdict=review.verdict,
                labels=review.labels,
                account_id=str(content.account_id),
            )
        return review

    async def _reviewed(self, content: ReviewedContent) -> Review:
        pauses = self.pauses if content.stage is ReviewStage.RENDER else ()
        for pause in pauses:
            try:
                return await self.ask(content)
            except ModerationFailed:
                await asyncio.sleep(pause)
        return await self.ask(content)

    async def ask(self, content: ReviewedContent) -> Review:
        """Return the moderator's verdict, asked once. Raises :class:`ModerationFailed`."""
        try:
            async with asyncio.timeout(self.seconds):
                return _checked(await self.moderator.review(content))
        except TimeoutError:
            raise ModerationFailed(f"no verdict within {self.seconds:g} s") from None
        except ModerationFailed:
            raise
        except Exception as error:  # of a package of others: its message may hold content
            raise ModerationFailed(f"{type(error).__name__} in the moderator") from error


def _checked(review: Review) -> Review:
    """Return a review as it can be kept, whatever a package of others returned."""
    verdict = Verdict(review.verdict)
    if verdict is Verdict.UNREVIEWED:
        raise ModerationFailed("the moderator gave no verdict")
    labels = tuple(_storable(one) for one in review.labels)
    return replace(review, verdict=verdict, reason=_storable(review.reason), labels=labels)


def _storable(text: str) -> str:
    """Replace halves of characters, which no database stores: a moderator may cut its texts."""
    return text.encode("utf-8", "replace").decode()
