"""The check of the moderator for `hinode doctor`: it is asked once, with a harmless text."""

from __future__ import annotations

import asyncio
from uuid import UUID

from hinode.cli.check_result import CheckResult, CheckStatus
from hinode.config.settings import Settings

MODERATION_REMEDY = "Correct [moderation] in hinode.toml, or start the service that it names."


def check_moderation(settings: Settings) -> CheckResult:
    """Ask the moderator for a verdict. Raises what keeps it from being asked."""
    from hinode.components import open_moderation
    from hinode.media.types import JobAction, MediaKind
    from hinode.moderation.types import ModerationFailed, ReviewedContent, ReviewStage

    gate, none = open_moderation(settings), UUID(int=0)
    if gate is None:
        return CheckResult("moderation", CheckStatus.OK, "none")
    texts = ("A red ball on grass.",)
    content = ReviewedContent(
        ReviewStage.TEST, none, none, "none", MediaKind.VIDEO, JobAction.CREATE, texts
    )
    given = settings.moderation
    name = given.url or given.plugin
    try:
        asyncio.run(gate.ask(content))
    except ModerationFailed as error:
        detail = f"{name} gives no verdict: {error}"
        return CheckResult("moderation", CheckStatus.ERROR, detail, MODERATION_REMEDY)
    detail = f"{name} answers; {' and '.join(given.stages)} are reviewed"
    return CheckResult("moderation", CheckStatus.OK, detail)
