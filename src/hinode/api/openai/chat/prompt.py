"""Parsing of the directives in a chat message: style, shots, and the video to remix.

The syntax is that of Sora's chat gateways: ``{anime}``, ``[5.0s]a cat``, and a share link or an
id. No I/O.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.requests import ShotParams
from hinode.media.types import Style

_STYLE = re.compile(r"\{([A-Za-z]{1,20})\}")
_SHOT = re.compile(r"\[(\d{1,4}(?:\.\d{1,3})?)\s?s\]", re.IGNORECASE | re.ASCII)
# The rest of a link is ASCII: Chinese text may follow without a space.
_VIDEO = re.compile(
    r"(?:https?://[!-~]{1,200}?/p/)?(?<![A-Za-z0-9_])"
    r"(?:s|video)_([0-9a-f]{32})(?![A-Za-z0-9_])(?:[/?#][!-~]*)?"
)
_STYLES = frozenset(Style)


@dataclass(frozen=True, slots=True)
class Directions:
    """The directives of a message; ``prompt`` is the text without them.

    ``remix`` is the job whose video is the source of a remix.
    """

    prompt: str
    style: Style | None = None
    shots: tuple[ShotParams, ...] = ()
    remix: UUID | None = None


def read_image_prompt(text: str) -> Directions:
    """Parse a message to an image model; style is its only directive.

    Raises :class:`HinodeError` for two styles.
    """
    prompt, style = _take_style(text)
    return Directions(prompt, style)


def read_video_prompt(text: str) -> Directions:
    """Parse a message to a video model.

    Text before the first shot applies to the whole video. Raises :class:`HinodeError` for two
    styles or two videos.
    """
    without_style, style = _take_style(text)
    rest, remix = _take_video(without_style)
    lead, *marked = _SHOT.split(rest)
    shots = tuple(
        ShotParams(words.strip(), float(seconds))
        for seconds, words in zip(marked[::2], marked[1::2], strict=True)
    )
    prompt = lead.strip() or "\n".join(shot.prompt for shot in shots)
    return Directions(prompt, style, shots, remix)


def whole_seconds(shots: tuple[ShotParams, ...]) -> int | None:
    """Return the total seconds of the shots; None if 0 or not a whole number."""
    total = sum(shot.seconds for shot in shots)
    return int(total) if total and total == int(total) else None


def _take_style(text: str) -> tuple[str, Style | None]:
    """Return the text without style tags, and the style; unknown tags remain in the text."""
    found: set[Style] = set()

    def take(match: re.Match[str]) -> str:
        name = match[1].lower()
        if name not in _STYLES:
            return match[0]
        found.add(Style(name))
        return " "

    rest = _STYLE.sub(take, text)
    if len(found) > 1:
        named = ", ".join(f"{{{one}}}" for one in sorted(found))
        raise _refused(f"A video has one style, not {named}.")
    return (rest.strip(), found.pop()) if found else (text, None)


def _take_video(text: str) -> tuple[str, UUID | None]:
    found = {match[1] for match in _VIDEO.finditer(text)}
    if not found:
        return text, None
    if len(found) > 1:
        raise _refused("A remix starts from one video; the message names several.")
    pieces = [piece.strip() for piece in _VIDEO.split(text)[::2]]
    return " ".join(filter(None, pieces)), UUID(hex=found.pop())


def _refused(message: str) -> HinodeError:
    return HinodeError(ErrorCode.INVALID_VALUE, message, param="messages")
