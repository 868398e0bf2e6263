"""The check of the moderator for `hinode doctor`: it is asked once, with a harmless text."""

from __future__ import annotations

import asyncio
from uuid import UUID

from hinode.cli.check_result import CheckResult, CheckStatus
from hinode.config.settings import Settings

MODERATION_REMEDY = "Correct [moderation] in hinode.toml, or start the service that it names."


def check_moderation(settings: Settings) -> CheckResult:
    """Ask the moderator for a verdict. Raises its failure."""
    from hinode.components import open_moderation
    from hinode.media.types import JobAction, MediaKind
    from hinode.moderation.types import ReviewedContent, ReviewStage

    gate, none = open_moderation(settings), UUID(int=0)
    if gate is None:
        return CheckResult("moderation", CheckStatus.OK, "none")
    texts = ("A red ball on grass.",)
    content = ReviewedContent(
        ReviewStage.TEST, none, none, "none", MediaKind.VIDEO, JobAction.CREATE, texts
    )
    asyncio.run(gate.moderator.review(content))
    given = settings.moderation
    name = given.url or given.plugin
    detail = f"{name} answers; {' and '.join(given.stages)} are reviewed"
    return CheckResult("moderation", CheckStatus.OK, detail)
