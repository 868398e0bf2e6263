"""The preview engine: draws an animated scene from the prompt, without a generative model."""

from __future__ import annotations

import logging

from hinode.engines.base import (
    Artifact,
    Capabilities,
    DigitalSourceType,
    EngineError,
    MediaKind,
    Parameter,
    RenderContext,
    RenderSpec,
    Ticket,
)
from hinode.engines.preview.process.protocol import RenderFailure, RenderRequest
from hinode.engines.preview.process.render_process import RenderProcess, render_process

DESCRIPTION = (
    "Draws a simple animated preview of the prompt on the CPU; it is not a generative video model."
)
MAX_ATTEMPTS = 2

log = logging.getLogger(__name__)


class RenderExhausted(EngineError):
    """The render process was killed or had too little memory."""

    host_suspected = True


class PreviewEngine:
    """Renders in a child process, so that it never blocks the server and a job can be stopped."""

    @property
    def name(self) -> str:
        """The engine's name in the catalog, settings and responses."""
        return "preview"

    def capabilities(self) -> Capabilities:
        """Return the capabilities: videos with sound, images, first and last frames."""
        return Capabilities(
            kinds=frozenset({MediaKind.VIDEO, MediaKind.IMAGE}),
            first_frame=True,
            audio=True,
            description=DESCRIPTION,
            licence="Apache-2.0",
            origin=DigitalSourceType.ALGORITHM,
            own_metadata=True,
            parameters=frozenset(
                {
                    Parameter.SEED,
                    Parameter.STYLE,
                    Parameter.NUM_FRAMES,
                    Parameter.FPS,
                    Parameter.GENERATE_AUDIO,
                    Parameter.LAST_FRAME,
                }
            ),
        )

    async def submit(self, spec: RenderSpec) -> Ticket:
        """Start nothing: ``collect`` has all that it needs."""
        return Ticket()

    async def collect(
        self,
        ticket: Ticket,
        context: RenderContext,
    ) -> list[Artifact]:
        """Render, in a process that ends with this coroutine.

        Raises :class:`EngineError` with the codes ``first_frame_unreadable``,
        ``source_unreadable``, ``out_of_memory``, ``render_failed`` (its cause is the ``OSError`` of
        the process if it had one), or ``render_crashed`` when the process died twice.
        """
        for _ in range(MAX_ATTEMPTS):
            artifacts = await _render_once(context)
            if artifacts is not None:
                return artifacts
        raise RenderExhausted("render_crashed", "The render process died unexpectedly, twice.")

    async def cancel(self, ticket: Ticket) -> None:
        """Do nothing: cancelling the task of ``collect`` stops the work."""


async def _render_once(context: RenderContext) -> list[Artifact] | None:
    """Make one attempt; return None when the process died without a result."""
    async with render_process(RenderRequest(context.spec, context.workdir)) as process:
        async for message in process.messages():
            if message.failure is not None:
                _log(context, process, message.failure.code)
                raise _error_of(message.failure) from _cause_of(message.failure)
            if message.artifacts is not None:
                return list(message.artifacts)
            context.report(message.progress or 0.0)
        status = await process.wait()
        _log(context, process, f"exit status {status}")
        return None


def _error_of(failure: RenderFailure) -> EngineError:
    kind = RenderExhausted if failure.code == "out_of_memory" else EngineError
    return kind(failure.code, failure.message)


def _cause_of(failure: RenderFailure) -> OSError | None:
    """Return the system's error, by which the worker tells whether its host failed."""
    return None if failure.errno is None else OSError(failure.errno, failure.message)


def _log(context: RenderContext, process: RenderProcess, what: str) -> None:
    log.warning("render of job %s: %s %s", context.spec.job_id, what, process.stderr_tail)
