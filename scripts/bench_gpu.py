"""`make bench-gpu`: an open-weight model on this machine's card, beside the plain pipeline.

It needs a card, runs alone, and is started with the Python that has torch. Both ways call the same
pipeline in one process, in turns, with another prompt each time, so that no encoding is kept.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.report import DeliveryTarget, Line, Part, show

from hinode.engines.base import MediaKind, RenderParameters, RenderSpec
from hinode.engines.diffusers.process.protocol import (
    ModelOrder,
    Phase,
    PhaseProgress,
    RenderCommand,
)
from hinode.engines.diffusers.weights.inspection import inspect
from hinode.engines.diffusers.weights.library import local_model
from hinode.kit.ids import new_id

if TYPE_CHECKING:
    from hinode.engines.diffusers.rendering.pipeline_loader import LoadedModel

MOST_OF_PLAIN = 1.03
"""What a render may take of the time of the plain pipeline, which writes no file."""


@dataclass(slots=True)
class Timed:
    """The seconds of a render by phase, up to the file and with it."""

    phases: dict[Phase, float] = field(default_factory=dict)
    _phase: Phase | None = None
    _since: float = 0.0

    def observe(self, made: PhaseProgress) -> None:
        if made.phase is not self._phase:
            self.end()
            self._phase = made.phase

    def end(self) -> None:
        synchronize()
        now = time.perf_counter()
        if self._phase is not None:
            self.phases[self._phase] = self.phases.get(self._phase, 0.0) + now - self._since
        self._since = now

    @property
    def called(self) -> float:
        """The seconds of the pipeline's call."""
        return sum(
            self.phases.get(one, 0.0) for one in (Phase.ENCODING, Phase.STEPS, Phase.DECODING)
        )

    @property
    def total(self) -> float:
        return sum(self.phases.values())


@dataclass(slots=True)
class Bench:
    """One model and the videos that are rendered with it."""

    order: ModelOrder
    spec: RenderSpec
    runs: int
    prompts: int = 0

    def measure(self) -> Part:
        load_seconds, model = timed(self._load)
        self._ours(model)  # warms up
        ours, plain = [], []
        peak_bytes = 0
        for _ in range(self.runs):
            with peak() as most:
                ours.append(self._ours(model))
            peak_bytes = max(peak_bytes, most[0])
            plain.append(timed(lambda: self._plain(model))[0])
        return report(ours, plain, load_seconds, peak_bytes, self.steps)

    @property
    def steps(self) -> int:
        return self.spec.parameters.num_inference_steps or 1

    def _load(self) -> LoadedModel:
        from hinode.engines.diffusers.rendering.pipeline_loader import load

        return load(self.order)

    def _next_spec(self) -> RenderSpec:
        self.prompts += 1
        return replace(self.spec, job_id=new_id(), prompt=f"A boat, number {self.prompts}")

    def _ours(self, model: LoadedModel) -> Timed:
        import torch

        from hinode.engines.diffusers.rendering.render import render

        told = Timed()
        with tempfile.TemporaryDirectory() as folder, torch.no_grad():
            order = RenderCommand(self._next_spec(), Path(folder), self.order)
            render(order, model, told.observe).write()
        told.end()
        return told

    def _plain(self, model: LoadedModel) -> None:
        import torch

        from hinode.engines.diffusers.rendering.adapters import distilled_arguments
        from hinode.engines.diffusers.rendering.arguments import PipelineCall, call_arguments

        spec, adapter = self._next_spec(), model.adapter
        pipeline = model.pipeline(str(adapter.text_class))
        call = PipelineCall(
            spec.prompt, adapter.legal_side(spec.width), adapter.legal_side(spec.height),
            adapter.legal_frames(spec.frames), spec.fps, spec.parameters,
        )  # fmt: skip
        taken = model.parameters(pipeline)
        arguments = call_arguments(adapter, call, taken, distilled_arguments(self.order.name))
        pipeline.set_progress_bar_config(disable=True)
        with torch.no_grad():
            generator = torch.Generator("cpu").manual_seed(spec.seed)
            pipeline(**arguments, generator=generator, output_type="np")


def synchronize() -> None:
    """Wait for the card, which works behind the calls: else a phase counts for the one after it."""
    import torch

    if torch.cuda.is_available():
        torch.cuda.synchronize()


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


@contextmanager
def peak() -> Iterator[list[int]]:
    """Yield a list whose one entry is the most memory of the block: of the card, else of us."""
    import torch

    most = [0]
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
    yield most
    if torch.cuda.is_available():
        most[0] = torch.cuda.max_memory_allocated()
    else:
        import resource

        kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        most[0] = kilobytes * (1 if sys.platform == "darwin" else 1024)


def report(
    ours: list[Timed], plain: list[float], load_seconds: float, peak_bytes: int, steps: int
) -> Part:
    """Return the findings; the ratio is the median of the pairs, which ran one after the other."""

    def median(phase: Phase) -> float:
        return statistics.median(one.phases.get(phase, 0.0) for one in ours)

    total = statistics.median(one.total for one in ours)
    ratio = statistics.median(one.called / other for one, other in zip(ours, plain, strict=True))
    kept, anew = (3600 / seconds for seconds in (total, total + load_seconds))
    beside = "call / plain pipeline"
    lines = [
        Line("load", f"{load_seconds:.2f} s", "the model, in a process that has torch"),
        Line("encode", f"{median(Phase.ENCODING):.3f} s", "a prompt that is not kept"),
        Line("step", f"{median(Phase.STEPS) / steps:.3f} s", f"one of {steps}"),
        Line("decode", f"{median(Phase.DECODING):.3f} s", "by the VAE, and its sound"),
        Line("write", f"{median(Phase.WRITING):.3f} s", "encoded, with thumbnail and sheet"),
        Line("total", f"{total:.2f} s", f"median of {len(ours)}"),
        Line(beside, f"{ratio:.3f}", "the same pipeline, arguments and process, in turns"),
        Line("peak memory", f"{peak_bytes / 2**30:.2f} GiB", "of the card, else of the process"),
        Line("jobs an hour, model kept", f"{kept:.1f}", "one after the other"),
        Line("jobs an hour, loaded anew", f"{anew:.1f}", f"{kept / anew:.2f} times fewer"),
    ]
    return Part(lines, [DeliveryTarget(beside, ratio, MOST_OF_PLAIN, "×", at_most=True)])


def missing(on_cpu: bool) -> str | None:
    """Return what is missing for a run, in a line; None when all is here."""
    absent = [name for name in ("torch", "diffusers", "transformers") if find_spec(name) is None]
    if absent:
        return (
            f"{', '.join(absent)} cannot be imported: use a Python with hinode-studio[diffusers]."
        )
    import torch

    if not on_cpu and not torch.cuda.is_available():
        return "There is no card that torch can use; --cpu measures on the processor."
    return None


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", nargs="?", default="Wan-AI/Wan2.2-TI2V-5B-Diffusers")
    parser.add_argument("--model-folder", type=Path, default=Path.home() / ".hinode" / "models")
    parser.add_argument("--size", default="1280x704", help="WIDTHxHEIGHT")
    parser.add_argument("--frames", type=int, default=121)
    parser.add_argument("--fps", type=int, default=24)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--runs", type=int, default=3, help="renders of each way")
    parser.add_argument("--cpu", action="store_true", help="measure without a card")
    given = parser.parse_args()
    if reason := missing(given.cpu):
        print(reason, file=sys.stderr)
        return 2
    folder = local_model(given.model, given.model_folder)
    width, height = map(int, given.size.split("x"))
    spec = RenderSpec(
        new_id(), MediaKind.VIDEO, "", width, height, fps=given.fps, frames=given.frames, seed=7,
        parameters=RenderParameters(num_inference_steps=given.steps),
    )  # fmt: skip
    bench = Bench(ModelOrder(given.model, inspect(folder, given.model)), spec, given.runs)
    holds = show([bench.measure()])
    # Processors are shared, so that a ratio there is no verdict.
    return 0 if holds or given.cpu else 1


if __name__ == "__main__":
    sys.exit(main())
