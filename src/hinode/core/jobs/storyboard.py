"""Resolve storyboards: convert shots in seconds to shots in frames that fill the whole video."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hinode.core.catalog.types import RenderPlan
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.requests import ShotParams
from hinode.core.text_checks import check_prompt
from hinode.media.types import Shot

MAX_SHOTS = 20
MIN_SHOT_SECONDS = 0.5
MAX_SHOT_SECONDS = 120.0


def resolve_shots(shots: Sequence[ShotParams], plan: RenderPlan) -> tuple[Shot, ...]:
    """Scale the shots to the length of the plan, with cuts on whole frames.

    Raises :class:`HinodeError` for too many shots, or an invalid prompt or length of one.
    """
    if not shots:
        return ()
    if len(shots) > MAX_SHOTS:
        raise _invalid(f"A storyboard has at most {MAX_SHOTS} shots, not {len(shots)}.")
    total = sum(shot.seconds for shot in shots)
    cuts = [0]
    reached = 0.0
    for shot in shots:
        if not MIN_SHOT_SECONDS <= shot.seconds <= MAX_SHOT_SECONDS:
            raise _invalid(
                f"A shot lasts {MIN_SHOT_SECONDS} to {MAX_SHOT_SECONDS} seconds,"
                f" not {shot.seconds}."
            )
        check_prompt(shot.prompt)
        reached += shot.seconds  # cuts from the running sum: rounding errors do not add up
        cuts.append(round(plan.frames * reached / total))
    spans = pairwise(cuts)
    return tuple(
        Shot(shot.prompt, end - start) for shot, (start, end) in zip(shots, spans, strict=True)
    )


def _invalid(message: str) -> HinodeError:
    return HinodeError(ErrorCode.INVALID_VALUE, message, param="prompt")
