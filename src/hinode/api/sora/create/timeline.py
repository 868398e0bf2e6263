"""Parses a storyboard's prompt: numbered shots, each with its length and its scene.

Clients write it in two forms: the bare blocks, and the blocks under ``current timeline:`` with
text about the whole video under ``instructions:`` after them. People edit these texts, so white
space, case, line ends and full-width colons do not matter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.requests import ShotParams
from hinode.core.text_checks import check_prompt

FORMAT = "Shot 1:\nduration: 5.0sec\nScene: what is to be seen"

# White space is matched within a line only, so that a flood of it cannot make this slow.
_SPACE = r"[^\S\n]*"
_LINE_ENDS = re.compile(r"\r\n?|\u2028|\u2029")
_SHOT = re.compile(rf"^{_SPACE}shot{_SPACE}\d{{1,4}}{_SPACE}[:：]", re.IGNORECASE | re.MULTILINE)
_TIMELINE = re.compile(rf"^{_SPACE}current{_SPACE}timeline{_SPACE}[:：]", re.I | re.M)
_INSTRUCTIONS = re.compile(rf"^{_SPACE}instructions?{_SPACE}[:：]", re.I | re.M)
_DURATION = re.compile(
    rf"^{_SPACE}duration{_SPACE}[:：]{_SPACE}(\d{{1,4}}(?:\.\d{{1,6}})?){_SPACE}"
    rf"(?:s|secs?|seconds?|秒)?{_SPACE}$\n?",
    re.I | re.M | re.ASCII,
)
_SCENE = re.compile(rf"^{_SPACE}scene{_SPACE}[:：]", re.I | re.M)


@dataclass(frozen=True, slots=True)
class Timeline:
    """A storyboard; ``prompt`` is about the whole video, or has the scenes, one a line."""

    prompt: str
    shots: tuple[ShotParams, ...]


def parse_timeline(text: str) -> Timeline:
    """Parse a storyboard's prompt. Raises :class:`HinodeError` for one without shots."""
    plain = _LINE_ENDS.sub("\n", check_prompt(text))
    lead, *blocks = _SHOT.split(plain)
    if not blocks:
        raise _invalid_storyboard("The prompt of a storyboard has no shot.")
    blocks[-1], tail = _partition(blocks[-1], _INSTRUCTIONS)
    shots = tuple(_shot(number, block) for number, block in enumerate(blocks, start=1))
    words = [one.strip() for one in (_without_header(lead), tail)]
    prompt = "\n".join(filter(None, words)) or "\n".join(shot.prompt for shot in shots)
    return Timeline(prompt, shots)


def _shot(number: int, block: str) -> ShotParams:
    found = _DURATION.search(block)
    if found is None:
        raise _invalid_storyboard(f"Shot {number} has no line such as 'duration: 5.0sec'.")
    # Without the label everything but the length is the scene.
    _, labelled = _partition(block, _SCENE)
    scene = _DURATION.sub("", labelled or block, count=1).strip()
    if not scene:
        raise _invalid_storyboard(f"Shot {number} has no words after 'Scene:'.")
    return ShotParams(scene, float(found[1]))


def _without_header(lead: str) -> str:
    return _TIMELINE.sub("", lead, count=1)


def _partition(text: str, mark: re.Pattern[str]) -> tuple[str, str]:
    """Return the text before the first mark and the text after it."""
    first, *rest = mark.split(text, maxsplit=1)
    return first, rest[0] if rest else ""


def _invalid_storyboard(message: str) -> HinodeError:
    return HinodeError(
        ErrorCode.INVALID_VALUE, message, param="prompt", hint=f"Its form is:\n{FORMAT}"
    )
