"""The seams of a pipeline at which progress is told and a cancel is heard.

A pipeline's own flag for interruption still decodes what it has, as if it were the result, and some
pipelines have no callback of a step; all of them have a progress bar.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from hinode.engines.diffusers.process.protocol import Phase

Report = Callable[[Phase, float], None]


class Canceled(BaseException):
    """The job is to stop; of a base that no pipeline catches."""


@contextmanager
def observed(pipeline: Any, report: Report) -> Iterator[None]:
    """Call ``report`` at each step and before each decode of a pipeline; it raises to cancel."""
    # Set on the instances, so that removing them brings those of the classes back.
    pipeline.progress_bar = _bars(report)
    parts: list[Any] = [getattr(pipeline, name, None) for name in ("vae", "audio_vae")]
    decoders = [part for part in parts if hasattr(part, "decode")]
    for part in decoders:
        part.decode = _decoding(part.decode, report)
    try:
        yield
    finally:
        del pipeline.progress_bar
        for part in decoders:
            del part.decode


def _decoding(decode: Callable[..., Any], report: Report) -> Callable[..., Any]:
    def reported(*args: Any, **kwargs: Any) -> Any:
        report(Phase.DECODING, 0.0)
        return decode(*args, **kwargs)

    return reported


def _bars(report: Report) -> Callable[..., StepBar]:
    def bar(iterable: Iterable[Any] | None = None, total: int | None = None) -> StepBar:
        return StepBar(report, iterable, total)

    return bar


class StepBar:
    """A progress bar as pipelines use it."""

    def __init__(self, report: Report, iterable: Iterable[Any] | None, total: int | None) -> None:
        self._report = report
        self._items = list(iterable) if iterable is not None else []
        self._total = max(1, total or len(self._items))
        self._done = 0
        report(Phase.STEPS, 0.0)

    def update(self, count: int = 1) -> None:
        """Count steps that are done."""
        self._done += count
        self._report(Phase.STEPS, min(1.0, self._done / self._total))

    def __iter__(self) -> Iterator[Any]:
        """Yield the items, each a step."""
        for item in self._items:
            yield item
            self.update()

    def set_postfix(self, *_args: Any, **_kwargs: Any) -> None:
        """Do nothing: nobody reads it."""

    def set_description(self, *_args: Any, **_kwargs: Any) -> None:
        """Do nothing: nobody reads it."""

    def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def __enter__(self) -> StepBar:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None: ...
