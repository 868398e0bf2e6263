"""A render with the files that it writes, in this process."""

from __future__ import annotations

from collections.abc import Callable

from hinode.engines.diffusers.process.protocol import PhaseProgress, RenderCommand, RenderReport
from hinode.engines.diffusers.rendering.session import RenderSession


def rendered(
    session: RenderSession,
    order: RenderCommand,
    report: Callable[[PhaseProgress], None] = lambda _: None,
    is_canceled: Callable[[], bool] = lambda: False,
) -> RenderReport:
    """Render a job and write its files; return the message that it ends with."""
    made = session.render(order, report, is_canceled)
    return made if isinstance(made, RenderReport) else made.write()
