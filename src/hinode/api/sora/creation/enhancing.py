"""Expanding a prompt: by the operator's text model, else by a rule of our own."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from hinode.api.prompt_writer import NoAnswer, PromptWriter
from hinode.api.sora.creation.asked import read_prompt
from hinode.api.sora.creation.expansion import SECONDS, Expansion, Level, expand
from hinode.api.values import Fields, integer, text
from hinode.studio.errors import ErrorCode, StudioError
from hinode.studio.text import check_prompt, check_storable

log = structlog.get_logger("hinode.prompts")

BY_MODEL, BY_TEMPLATE = "model", "template"
_LENGTHS = {Level.SHORT: "one or two sentences", Level.MEDIUM: "a paragraph", Level.LONG: "a page"}
_INSTRUCTIONS = (
    "You expand prompts for a model that makes videos. Keep everything that the prompt says, and "
    "every @name, as it is. Add what is missing: subject, surroundings, light, camera, movement, "
    "sound, and a course of {seconds} seconds. Write {length}, in the language of the prompt. "
    "Answer with the expanded prompt and nothing else."
)


def read_expansion(fields: Fields) -> Expansion:
    """Read the body of `enhance_prompt`.

    Raises :class:`hinode.api.refusals.Refusal` and :class:`StudioError`.
    """
    level = text(fields, "expansion_level") or Level.MEDIUM
    if level not in frozenset(Level):
        raise _unsupported("expansion_level", level[:40], list(Level))
    seconds = integer(fields, "duration_s")
    if seconds is not None and seconds not in SECONDS:
        raise _unsupported("duration_s", seconds, SECONDS)
    return Expansion(check_prompt(read_prompt(fields)), Level(level), seconds or 10)


async def enhance(asked: Expansion, writer: PromptWriter | None) -> tuple[str, str]:
    """Return the expanded prompt and who wrote it; a model that fails is not waited for again."""
    if writer is None:
        return expand(asked), BY_TEMPLATE
    instructions = _INSTRUCTIONS.format(seconds=asked.seconds, length=_LENGTHS[asked.level])
    try:
        words = await writer.ask(instructions, asked.prompt)
        check_storable(words, "enhanced_prompt")
    except (NoAnswer, StudioError) as failure:
        log.warning("the text model did not expand a prompt", reason=str(failure))
        return expand(asked), BY_TEMPLATE
    return words, BY_MODEL


def _unsupported(name: str, given: object, known: Sequence[object]) -> StudioError:
    return StudioError(
        ErrorCode.UNSUPPORTED_VALUE,
        f"'{given}' is no '{name}'.",
        param=name,
        hint=f"Supported values are: {', '.join(map(str, known))}.",
    )
