"""The contract of every engine as tests: subclass :class:`EngineSuite` in a pytest module.

```python
class TestMyEngine(EngineSuite):
    failing_prompt, stalling_prompt = "make it fail", "never end"

    def factory(self):
        return functools.partial(MyEngine, "http://127.0.0.1:9000")
```
"""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from hinode.engines.base import (
    JSON,
    Artifact,
    ArtifactRole,
    Capabilities,
    DigitalSourceType,
    Engine,
    EngineError,
    MediaKind,
    Parameter,
    RenderContext,
    RenderParameters,
    RenderSpec,
    SupportsModels,
    Ticket,
)
from hinode.kit.ids import new_id
from hinode.media.probe import probe

EngineFactory = Callable[[], Engine]

PARAMETERS = RenderParameters(
    fps=10,
    negative_prompt="rain",
    num_inference_steps=4,
    guidance_scale=5.0,
    guidance_scale_2=3.0,
    generate_audio=False,
)
_SIDE = 64
_CANCEL_TIMEOUT = 5.0
_RENDER_TIMEOUT = 180.0


class EngineSuite:
    """The contract of engines. ``failing_prompt`` and ``stalling_prompt`` are prompts that make a
    render fail,
    or go on until it is stopped; None where the engine has no such prompt.
    """

    failing_prompt: str | None = None
    stalling_prompt: str | None = None

    def factory(self) -> EngineFactory:
        """Return what makes the engine, here and in another process: it must be picklable."""
        raise NotImplementedError

    def is_running(self, ticket: Ticket) -> bool:
        """Say whether stopped work still goes on somewhere; engines without a server: False."""
        return False

    def spec(self) -> RenderSpec:
        """Return a small video that the engine can render."""
        return RenderSpec(
            job_id=new_id(),
            kind=MediaKind.VIDEO,
            prompt="a red boat on a quiet lake",
            width=_SIDE,
            height=_SIDE,
            fps=10,
            frames=20,
            seed=7,
        )

    def test_it_says_what_it_is(self) -> None:
        """An engine has a name, and says in a sentence what renders and how files came to be."""
        engine = self.factory()()
        assert isinstance(engine, Engine)
        assert engine.name
        declared = _capabilities(engine, self.spec())
        assert declared.description
        assert isinstance(declared.origin, DigitalSourceType)

    def test_a_prompt_becomes_files_that_are_what_they_say(self, tmp_path: Path) -> None:
        """Each output is a video, measured as it is reported, with its two pictures."""
        reports: list[float] = []
        files = asyncio.run(_render(self.factory()(), self.spec(), tmp_path, reports.append))
        _check_files(files, tmp_path, self.spec().outputs)
        assert all(0.0 <= one <= 1.0 for one in reports)

    def test_a_first_frame_is_taken(self, tmp_path: Path) -> None:
        """A picture of another size than the video's is a first frame, too."""
        engine = self.factory()()
        if not _capabilities(engine, self.spec()).first_frame:
            pytest.skip("it takes no first frame")
        picture, work = tmp_path / "first.png", tmp_path / "work"
        Image.new("RGB", (90, 70), (200, 40, 40)).save(picture)
        work.mkdir()
        files = asyncio.run(_render(engine, replace(self.spec(), first_frame=picture), work))
        _check_files(files, work, 1)

    def test_parameters_that_it_declares_are_taken(self, tmp_path: Path) -> None:
        """A declared number of frames is exact; no other parameter makes a render fail."""
        engine, spec = self.factory()(), self.spec()
        declared = _capabilities(engine, self.spec())
        frames = spec.frames + 1 if Parameter.NUM_FRAMES in declared.parameters else spec.frames
        given = PARAMETERS.only(declared.parameters, ())
        given = replace(given, num_frames=frames if frames != spec.frames else None)
        files = asyncio.run(
            _render(engine, replace(spec, frames=frames, parameters=given), tmp_path)
        )
        _check_files(files, tmp_path, spec.outputs)
        if declared.exact_output:
            assert {one.frames for one in files if one.role is ArtifactRole.VIDEO} == {frames}

    def test_a_last_frame_is_taken(self, tmp_path: Path) -> None:
        """A picture of another size than the video's is a last frame, too.

        It comes with a first frame where the engine takes one: many servers have no other way.
        """
        engine = self.factory()()
        declared = _capabilities(engine, self.spec())
        if Parameter.LAST_FRAME not in declared.parameters:
            pytest.skip("it takes no last frame")
        picture, work = tmp_path / "last.png", tmp_path / "work"
        Image.new("RGB", (90, 70), (40, 40, 200)).save(picture)
        work.mkdir()
        first = picture if declared.first_frame else None
        spec = replace(self.spec(), first_frame=first, last_frame=picture)
        files = asyncio.run(_render(engine, spec, work))
        _check_files(files, work, 1)

    def test_a_failure_has_a_code_and_a_reason(self, tmp_path: Path) -> None:
        """An engine raises EngineError with a reason for the job's owner."""
        if self.failing_prompt is None:
            pytest.skip("it has no prompt that fails")
        spec = replace(self.spec(), prompt=self.failing_prompt)
        with pytest.raises(EngineError) as caught:
            asyncio.run(_render(self.factory()(), spec, tmp_path))
        assert caught.value.code.replace("_", "").isalnum()
        assert len(str(caught.value)) > 10

    def test_work_that_is_stopped_ends(self, tmp_path: Path) -> None:
        """Cancelling ``collect`` ends it at once; ``cancel`` stops the work, and harms no second
        time.
        """
        engine, spec = self.factory()(), self.spec()
        if self.stalling_prompt is not None:
            spec = replace(spec, prompt=self.stalling_prompt)
        ticket = asyncio.run(_submit_and_cancel(engine, spec, tmp_path))
        assert not self.is_running(ticket)

    def test_another_process_can_collect(self, tmp_path: Path) -> None:
        """A ticket is enough: whoever submitted may be gone."""
        spec = self.spec()
        ticket = asyncio.run(self.factory()().submit(spec))
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            given = (self.factory(), dict(ticket.data), spec, tmp_path)
            files = pool.submit(_collect_in_process, *given).result(_RENDER_TIMEOUT)
        _check_files(files, tmp_path, spec.outputs)


def _capabilities(engine: Engine, spec: RenderSpec) -> Capabilities:
    """Return what an engine can do with the model of a spec."""
    own = None
    if isinstance(engine, SupportsModels) and spec.model:
        own = engine.capabilities_of(spec.model)
    return own or engine.capabilities()


async def _render(
    engine: Engine,
    spec: RenderSpec,
    workdir: Path,
    report: Callable[[float], None] = lambda _: None,
) -> list[Artifact]:
    async with asyncio.timeout(_RENDER_TIMEOUT):
        ticket = await engine.submit(spec)
        return await engine.collect(ticket, RenderContext(spec, workdir, report))


async def _submit_and_cancel(engine: Engine, spec: RenderSpec, workdir: Path) -> Ticket:
    ticket = await engine.submit(spec)
    begun = asyncio.Event()
    context = RenderContext(spec, workdir, lambda _: begun.set())
    task = asyncio.create_task(engine.collect(ticket, context))
    await asyncio.wait({task, asyncio.create_task(begun.wait())}, return_when="FIRST_COMPLETED")
    task.cancel()
    async with asyncio.timeout(_CANCEL_TIMEOUT):
        await asyncio.gather(task, return_exceptions=True)
        await engine.cancel(ticket)
        await engine.cancel(ticket)
    return ticket


def _collect_in_process(
    factory: EngineFactory, data: dict[str, JSON], spec: RenderSpec, workdir: Path
) -> list[Artifact]:
    context = RenderContext(spec, workdir, lambda _: None)
    return asyncio.run(factory().collect(Ticket(data), context))


def _check_files(files: Sequence[Artifact], workdir: Path, outputs: int) -> None:
    for output in range(outputs):
        found = {one.role: one for one in files if one.output == output}
        assert {ArtifactRole.VIDEO, ArtifactRole.THUMBNAIL, ArtifactRole.SPRITESHEET} <= set(found)
        video = found[ArtifactRole.VIDEO]
        facts = probe(video.path)
        assert (video.width, video.height) == (facts.width, facts.height)
        assert video.frames == facts.frames
        assert abs(video.duration - facts.duration) < 0.1
    for one in files:
        assert one.path.is_relative_to(workdir)
        if one.content_type.startswith("image/"):
            with Image.open(one.path) as picture:
                assert picture.size == (one.width, one.height)
