"""The engine for ComfyUI: the operator's workflows, filled and run, found again after restarts."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import UUID

import structlog
from PIL import Image

from hinode.engines.base import (
    Artifact,
    Capabilities,
    EngineError,
    JobAction,
    MediaKind,
    RenderContext,
    RenderSpec,
    Ticket,
)
from hinode.engines.comfyui.filling import (
    OUTPUT_FOLDER,
    InputPicture,
    file_stem,
    filled_graph,
    pictures_of,
    prompt_id,
)
from hinode.engines.comfyui.graph import Graph, OptionalInput, WorkflowError, descendants
from hinode.engines.comfyui.picture_needs import unused_picture_nodes
from hinode.engines.comfyui.progress import ProgressFeed, listening
from hinode.engines.comfyui.responses import FILES, SavedFile, parse_job
from hinode.engines.comfyui.run import ARTIFACTS, Run, RunActions, possible_files
from hinode.engines.comfyui.server_factory import open_server
from hinode.engines.comfyui.settings import WORKFLOW_LICENCE, ComfyUISettings
from hinode.engines.comfyui.workflow import Workflow, load_workflow
from hinode.engines.remote.callbacks import restart_on
from hinode.engines.remote.errors import FailureKind, UpstreamError
from hinode.engines.remote.factory import poll_policy_from, result_limits_from
from hinode.engines.remote.http import InvalidResponse, OutcomeUnknown, RequestNotSent
from hinode.engines.remote.pictures import image_artifacts
from hinode.engines.remote.polling import PollError, PollResult, wait_for
from hinode.engines.remote.results import ResultMissing, download, video_artifacts
from hinode.media.image_files import cover_fit

_JOB, _OUTPUTS, _WORKFLOW = "job", "outputs", "workflow"
_CANCEL_SECONDS = 10.0
_CANCEL_POLL_SECONDS = 0.2
_RENDER_SHARE = 0.97
_MAX_OUTPUTS = 4
_STARTING_PICTURES = {MediaKind.VIDEO: {"first_frame"}, MediaKind.IMAGE: {"references"}}

log = structlog.get_logger("hinode.upstream")


class ComfyUIEngine:
    """A ComfyUI server as an engine: each workflow of its settings is a model.

    Raises :class:`EngineError` when its settings or a workflow cannot be used.
    """

    def __init__(self, name: str, settings: ComfyUISettings) -> None:
        self._name = name
        self._settings = settings
        self._workflows = load_workflows(name, settings)
        self._server = open_server(name, settings)
        self._upstream = self._server.client
        self._poll_policy = poll_policy_from(settings)
        self._results = result_limits_from(settings)

    @property
    def name(self) -> str:
        """The engine's name in settings, models and responses."""
        return self._name

    def capabilities(self) -> Capabilities:
        """Return the capabilities of each workflow; those of any name are the first one's."""
        default = self._settings.default_workflow
        models = {name: self._capabilities(one) for name, one in self._workflows.items()}
        if default is not None:
            models[""] = models[default]
        return replace(next(iter(models.values())), kinds=self._kinds(), models=models)

    def _kinds(self) -> frozenset[MediaKind]:
        return frozenset(one.kind for one in self._workflows.values())

    def _capabilities(self, workflow: Workflow) -> Capabilities:
        settings, required = self._settings, workflow.settings.requires
        return Capabilities(
            kinds=frozenset({workflow.kind}),
            first_frame=bool(workflow.settings.bind.first_frame),
            audio=False,
            description=settings.description or "Renders with ComfyUI.",
            licence=settings.licence or WORKFLOW_LICENCE,
            origin=settings.provenance_origin,
            actions=frozenset({JobAction.CREATE}),
            max_outputs=_MAX_OUTPUTS,
            exact_output=False,
            parameters=workflow.parameters,
            extra_params=frozenset(workflow.settings.extra_params),
            hosted=settings.is_hosted,
            needs_picture=bool(_STARTING_PICTURES[workflow.kind] & {*required}),
            needs_last_frame="last_frame" in required,
            last_frame_needs_first=workflow.settings.last_frame_needs_first,
            max_pictures=len(workflow.settings.bind.references),
        )

    async def submit(self, spec: RenderSpec) -> Ticket:
        """Run the workflow for each output; safe to repeat. Raises :class:`EngineError`."""
        workflow = self._workflow(spec)
        async with self._upstream.connected():
            await self._server.require_version()
            await self._submit_all(workflow, spec, await self._graphs(workflow, spec))
        return Ticket({_JOB: str(spec.job_id), _OUTPUTS: spec.outputs, _WORKFLOW: workflow.name})

    async def _submit_all(self, workflow: Workflow, spec: RenderSpec, graphs: list[Graph]) -> None:
        for output, graph in enumerate(graphs):
            try:
                await self._submit_one(workflow, spec, output, graph)
            except UpstreamError:
                # A job is taken whole or not at all.
                await self._cancel(spec.job_id, range(output))
                raise

    async def _submit_one(
        self, workflow: Workflow, spec: RenderSpec, output: int, graph: Graph
    ) -> None:
        run = prompt_id(spec.job_id, output)
        await self._server.submit(run, str(spec.job_id), graph, workflow.output)

    def _workflow(self, spec: RenderSpec) -> Workflow:
        name = spec.model or self._settings.default_workflow
        workflow = self._workflows.get(name or "")
        if workflow is None:
            raise EngineError(
                "engine_misconfigured",
                f"The model names no workflow of the engine '{self._name}' ({name or 'none'}); "
                "the operator must set its upstream to one of: " + ", ".join(self._workflows),
            )
        if workflow.kind is not spec.kind:
            raise UpstreamError(
                FailureKind.INVALID_REQUEST, f"This model makes {workflow.kind.value}s."
            )
        return workflow

    async def _graphs(self, workflow: Workflow, spec: RenderSpec) -> list[Graph]:
        """Return the graph of each output; uploads the job's pictures."""
        files: dict[str, str] = {}
        with tempfile.TemporaryDirectory(prefix="hinode-comfyui-") as folder:
            for one in pictures_of(workflow, spec):
                path = await asyncio.to_thread(_prepared, one, spec, Path(folder))
                stored = await self._server.upload(path, f"{spec.job_id}-{one.name}.png")
                files |= dict.fromkeys(one.targets, stored)
        is_optional = await self._optional_inputs(workflow, files)
        return [
            filled_graph(workflow, spec, output, files, is_optional)
            for output in range(spec.outputs)
        ]

    async def _optional_inputs(self, workflow: Workflow, files: Mapping[str, str]) -> OptionalInput:
        """Ask for what can be left out, where a picture is left out."""
        unused = unused_picture_nodes(workflow, files)
        classes = {workflow.graph[one].class_type for one in descendants(workflow.graph, unused)}
        known = {one: await self._server.optional_inputs(one) for one in classes}
        return lambda class_type, name: name in known.get(class_type, ())

    async def collect(self, ticket: Ticket, context: RenderContext) -> list[Artifact]:
        """Wait for the runs and download their files. Raises :class:`EngineError`."""
        workflow = self._collected_workflow(ticket, context.spec)
        found: list[Artifact] = []
        async with (
            self._upstream.connected(),
            listening(self._upstream, str(context.spec.job_id)) as feed,
        ):
            for output in range(context.spec.outputs):
                found += await self._collect_one(workflow, context, output, feed)
        return found

    def _collected_workflow(self, ticket: Ticket, spec: RenderSpec) -> Workflow:
        """Return the workflow that the job was submitted with, whatever its model names now."""
        workflow = self._workflows.get(str(ticket.data[_WORKFLOW]))
        return self._workflow(spec) if workflow is None else workflow

    async def _collect_one(
        self, workflow: Workflow, context: RenderContext, output: int, feed: ProgressFeed
    ) -> list[Artifact]:
        run_id = prompt_id(context.spec.job_id, output)
        feed.expect(run_id, workflow.graph)
        recover = partial(self._recover, workflow, context, output)
        actions = RunActions(
            partial(self._resubmit, workflow, context.spec, output),
            recover,
            partial(feed.progress, run_id),
        )
        run = Run(self._server, run_id, workflow.output, actions)
        report = partial(_report, context, output)
        result = await restart_on(feed.ended, lambda: wait_for(run.poll, report, self._poll_policy))
        if ARTIFACTS in result.details:
            return list(result.details[ARTIFACTS])
        return await self._fetch(workflow, context, output, result) or _missing(
            await recover(), workflow
        )

    async def _resubmit(self, workflow: Workflow, spec: RenderSpec, output: int) -> None:
        graphs = await self._graphs(workflow, spec)
        await self._submit_one(workflow, spec, output, graphs[output])

    async def _fetch(
        self, workflow: Workflow, context: RenderContext, output: int, result: PollResult
    ) -> list[Artifact]:
        """Return the files that a run names; none where they are gone."""
        files: list[SavedFile] = result.details[FILES]
        try:
            return await self._artifacts(workflow, context, output, files[0]) if files else []
        except ResultMissing:
            return []

    async def _recover(
        self, workflow: Workflow, context: RenderContext, output: int
    ) -> list[Artifact]:
        """Return the files of a run that ComfyUI has forgotten; none where there are none whole."""
        stem = file_stem(context.spec.job_id, output)
        for file in possible_files(OUTPUT_FOLDER, stem, workflow.kind, workflow.output_class):
            try:
                return await self._artifacts(workflow, context, output, file)
            except ResultMissing:
                continue
            except UpstreamError as error:
                # It may have been killed while it wrote this one.
                if error.failure_kind is not FailureKind.BAD_RESULT:
                    raise
        return []

    async def _artifacts(
        self, workflow: Workflow, context: RenderContext, output: int, file: SavedFile
    ) -> list[Artifact]:
        is_video = workflow.kind is MediaKind.VIDEO
        if is_video and not file.filename.lower().endswith(".mp4"):
            raise UpstreamError(
                FailureKind.BAD_RESULT,
                f"The node {workflow.output_class} saves no MP4; the operator must let it do so.",
            )
        path = context.workdir / f"result-{output}.{'mp4' if is_video else 'picture'}"
        await download(self._upstream, "/view", path, self._results, **file.query())
        if is_video:
            return await video_artifacts(path, output, context.workdir, self._results)
        return await image_artifacts(path, output, context.workdir, context.spec)

    async def cancel(self, ticket: Ticket) -> None:
        """Stop the runs, and wait until they have stopped; only log errors."""
        outputs = range(int(str(ticket.data[_OUTPUTS])))
        await self._cancel(UUID(str(ticket.data[_JOB])), outputs)

    async def _cancel(self, job_id: UUID, outputs: range) -> None:
        runs = [prompt_id(job_id, output) for output in outputs]
        try:
            async with asyncio.timeout(_CANCEL_SECONDS), self._upstream.connected():
                for run in runs:
                    response = await self._server.cancel(run)
                    if not response.ok and response.status != 404:
                        log.warning("upstream cancel failed", status=response.status)
                        return
                for run in runs:
                    await self._until_stopped(run)
        except TimeoutError:
            # A node that ComfyUI cannot interrupt, such as an encoder, works to its end.
            log.info("upstream still stops a job", engine=self._name, job_id=str(job_id))
        except EngineError as error:
            log.warning("upstream cancel failed", engine=self._name, reason=str(error))

    async def _until_stopped(self, run: str) -> None:
        """Wait until a run has ended; one that never began leaves no trace."""
        while True:
            try:
                result = parse_job(await self._server.job(run), run, "")
                if result is None or result.status.ended:
                    return
            except (RequestNotSent, OutcomeUnknown, InvalidResponse, PollError):
                log.debug("upstream poll failed", engine=self._name)
            await asyncio.sleep(_CANCEL_POLL_SECONDS)


def load_workflows(name: str, settings: ComfyUISettings) -> dict[str, Workflow]:
    """Read and check all workflows of an engine. Raises :class:`EngineError`."""
    try:
        return {one: load_workflow(one, given) for one, given in settings.workflows.items()}
    except WorkflowError as error:
        raise EngineError("engine_misconfigured", f"The engine '{name}': {error}") from error


def _report(context: RenderContext, output: int, done: float) -> None:
    context.report((output + done) / context.spec.outputs * _RENDER_SHARE)


def _missing(found: list[Artifact], workflow: Workflow) -> list[Artifact]:
    """Return the files of a finished run. Raises :class:`UpstreamError` when there are none."""
    if found:
        return found
    raise UpstreamError(
        FailureKind.BAD_RESULT, f"{workflow.output_class} ended without a file that is there."
    )


def _prepared(picture: InputPicture, spec: RenderSpec, folder: Path) -> Path:
    """Return the file to upload: frames are scaled and cropped to the size of the result."""
    if not picture.fitted:
        return picture.path
    path = folder / f"{picture.name}.png"
    with Image.open(picture.path) as image:
        cover_fit(image, spec.width, spec.height).save(path, "PNG", compress_level=3)
    return path
