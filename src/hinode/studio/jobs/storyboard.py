"""Storyboards: shots in seconds become shots in frames that fill the video exactly."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hinode.media.kinds import Shot
from hinode.studio.catalog.types import RenderPlan
from hinode.studio.errors import ErrorCode, StudioError
from hinode.studio.jobs.requests import ShotWish
from hinode.studio.text import check_prompt

MOST_SHOTS = 20
SHORTEST_SECONDS = 0.5
LONGEST_SECONDS = 120.0


def fit_shots(wishes: Sequence[ShotWish], plan: RenderPlan) -> tuple[Shot, ...]:
    """Scale the shots to the plan's length, cuts on whole frames.

    Raises :class:`StudioError` for too many shots, or one too short to be seen.
    """
    if not wishes:
        return ()
    if len(wishes) > MOST_SHOTS:
        raise _refused(f"A storyboard has at most {MOST_SHOTS} shots, not {len(wishes)}.")
    total = sum(wish.seconds for wish in wishes)
    cuts = [0]
    reached = 0.0
    for wish in wishes:
        if not SHORTEST_SECONDS <= wish.seconds <= LONGEST_SECONDS:
            raise _refused(f"A shot lasts {SHORTEST_SECONDS} to {LONGEST_SECONDS} seconds.")
        check_prompt(wish.prompt)
        reached += wish.seconds
        cuts.append(round(plan.frames * reached / total))
    spans = pairwise(cuts)
    return tuple(
        Shot(wish.prompt, end - start) for wish, (start, end) in zip(wishes, spans, strict=True)
    )


def _refused(message: str) -> StudioError:
    return StudioError(ErrorCode.INVALID_VALUE, message, param="prompt")
