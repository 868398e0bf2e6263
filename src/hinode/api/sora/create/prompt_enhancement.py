"""Expanding a prompt: by the operator's text model, else by a rule of our own."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from hinode.api.prompt_enhancer import EnhancementFailed, PromptEnhancer
from hinode.api.sora.create.prompt_template import SECONDS, ExpansionLevel, PromptExpansion, expand
from hinode.api.sora.create.requests import read_prompt
from hinode.api.values import Fields, integer, text
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.text_checks import check_prompt, check_storable

log = structlog.get_logger("hinode.prompts")

SOURCE_MODEL, SOURCE_TEMPLATE = "model", "template"
_LENGTHS = {
    ExpansionLevel.SHORT: "one or two sentences",
    ExpansionLevel.MEDIUM: "a paragraph",
    ExpansionLevel.LONG: "a page",
}
_INSTRUCTIONS = (
    "You expand prompts for a model that makes videos. Keep everything that the prompt says, and "
    "every @name, as it is. Add what is missing: subject, surroundings, light, camera, movement, "
    "sound, and a course of {seconds} seconds. Write {length}, in the language of the prompt. "
    "Answer with the expanded prompt and nothing else."
)


def read_expansion(fields: Fields) -> PromptExpansion:
    """Read the body of `enhance_prompt`.

    Raises :class:`hinode.api.request_errors.RequestError` and :class:`HinodeError`.
    """
    level = text(fields, "expansion_level") or ExpansionLevel.MEDIUM
    if level not in frozenset(ExpansionLevel):
        raise _unsupported("expansion_level", level[:40], list(ExpansionLevel))
    seconds = integer(fields, "duration_s")
    if seconds is not None and seconds not in SECONDS:
        raise _unsupported("duration_s", seconds, SECONDS)
    return PromptExpansion(check_prompt(read_prompt(fields)), ExpansionLevel(level), seconds or 10)


async def enhance(body: PromptExpansion, enhancer: PromptEnhancer | None) -> tuple[str, str]:
    """Return the expanded prompt and who wrote it; a model that fails is not waited for again."""
    if enhancer is None:
        return expand(body), SOURCE_TEMPLATE
    instructions = _INSTRUCTIONS.format(seconds=body.seconds, length=_LENGTHS[body.level])
    try:
        prompt = await enhancer.ask(instructions, body.prompt)
        check_storable(prompt, "enhanced_prompt")
    except (EnhancementFailed, HinodeError) as failure:
        log.warning("the text model did not expand a prompt", reason=str(failure))
        return expand(body), SOURCE_TEMPLATE
    return prompt, SOURCE_MODEL


def _unsupported(name: str, given: object, known: Sequence[object]) -> HinodeError:
    return HinodeError(
        ErrorCode.UNSUPPORTED_VALUE,
        f"'{given}' is no '{name}'.",
        param=name,
        hint=f"Supported values are: {', '.join(map(str, known))}.",
    )
