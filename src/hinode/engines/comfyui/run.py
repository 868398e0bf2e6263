"""One output of a job at ComfyUI, until its file is here.

ComfyUI keeps its queue and its history in memory. When it has forgotten a run, the run's file is
looked for; without it the run is lost, and sent again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import structlog

from hinode.engines.base import Artifact, MediaKind
from hinode.engines.comfyui.responses import SavedFile, parse_job
from hinode.engines.comfyui.server import ComfyUIServer
from hinode.engines.remote.errors import FailureKind, UpstreamError, error_from_exception
from hinode.engines.remote.http import InvalidResponse, OutcomeUnknown, RequestNotSent
from hinode.engines.remote.polling import PollError, PollResult, RemoteStatus

ARTIFACTS = "artifacts"
_MAX_RESUBMITS = 2
_MISSES_BELIEVED = 2
_PICTURE_SUFFIXES = (".png", ".jpg", ".webp")

log = structlog.get_logger("hinode.upstream")


@dataclass(frozen=True, slots=True)
class RunActions:
    """The acts of a run beyond polling.

    ``resubmit`` sends it again; ``recover`` returns the files of a run that ended before a restart,
    none when there are none; ``progress`` tells how far it is.
    """

    resubmit: Callable[[], Awaitable[None]]
    recover: Callable[[], Awaitable[list[Artifact]]]
    progress: Callable[[], float]


class Run:
    """A run by its ``prompt_id``, whose result is what the node ``output`` saves."""

    def __init__(
        self, server: ComfyUIServer, prompt_id: str, output: str, actions: RunActions
    ) -> None:
        self._server = server
        self._prompt_id = prompt_id
        self._output = output
        self._actions = actions
        self._misses = 0
        self._resubmits = 0

    async def poll(self) -> PollResult:
        """Return how the run is. Raises :class:`PollError`, and :class:`UpstreamError` if lost."""
        try:
            response = await self._server.job(self._prompt_id)
        except (RequestNotSent, OutcomeUnknown) as error:
            raise PollError(UpstreamError(FailureKind.UNREACHABLE)) from error
        except InvalidResponse as error:
            raise PollError(error_from_exception(error), serious=True) from error
        result = parse_job(response, self._prompt_id, self._output)
        if result is None:
            return await self._find_or_resubmit()
        self._misses = 0
        if result.status is RemoteStatus.RUNNING:
            return replace(result, progress=self._actions.progress())
        return result

    async def _find_or_resubmit(self) -> PollResult:
        self._misses += 1
        if self._misses < _MISSES_BELIEVED:
            raise PollError(UpstreamError(FailureKind.LOST))
        found = await self._actions.recover()
        if found:
            return PollResult(RemoteStatus.COMPLETED, details={ARTIFACTS: found})
        if self._resubmits == _MAX_RESUBMITS:
            raise UpstreamError(FailureKind.LOST)
        log.warning("upstream has forgotten a job: it is sent again", remote_id=self._prompt_id)
        try:
            await self._actions.resubmit()
        except UpstreamError as error:
            if error.not_accepted or error.engine_fault:
                raise PollError(error) from error
            raise
        self._resubmits += 1
        self._misses = 0
        return PollResult(RemoteStatus.QUEUED)


def possible_files(folder: str, stem: str, kind: MediaKind, output_class: str) -> list[SavedFile]:
    """Return the files that a run may have saved before a restart, the newest first.

    Each time that it ran its number is one higher. Core nodes end the name with an underscore.
    """
    if kind is MediaKind.IMAGE:
        ends = [f"_{suffix}" for suffix in _PICTURE_SUFFIXES]
    elif output_class.startswith("VHS"):
        ends = ["-audio.mp4", ".mp4"]
    else:
        ends = ["_.mp4"]
    numbers = range(_MAX_RESUBMITS + 1, 0, -1)
    names = [f"{stem}_{number:05}{end}" for number in numbers for end in ends]
    return [SavedFile(name, folder, "output") for name in names]
