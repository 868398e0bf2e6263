"""Builds the spec of a running job and fetches its inputs into a folder of its own."""

from __future__ import annotations

import errno
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hinode.core.jobs.router import NO_MODEL_NAMES, ModelNames
from hinode.core.jobs.types import Job, JobAction, RenderOrder
from hinode.engines.base import (
    ArtifactRole,
    CharacterImage,
    EngineError,
    MediaKind,
    RenderSpec,
    Ticket,
)
from hinode.storage.errors import ObjectMissing
from hinode.storage.store import ObjectStore
from hinode.workflows.heartbeat import is_gone


def clear_left(workspaces: Path, locks: Path) -> int:
    """Remove the workspaces of workers that are gone from this machine. Return how many."""
    found = list(workspaces.iterdir()) if workspaces.is_dir() else []
    left = [folder for folder in found if is_gone(locks, folder.name)]
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)
    return len(left)


@dataclass(frozen=True, slots=True)
class JobWorkspace:
    """One folder per job that this worker renders: ``in`` has its inputs, ``out`` its artifacts.

    ``root`` belongs to the worker alone. One that stood still for long, and whose jobs another
    worker of the machine has taken over, would otherwise remove what that one writes.
    """

    store: ObjectStore
    root: Path
    reserve_bytes: int = 0

    def build_spec(self, order: RenderOrder, names: ModelNames = NO_MODEL_NAMES) -> RenderSpec:
        """Fetch a job's inputs and return its spec; ``names`` are those of its model.

        Raises :class:`EngineError` when an input was removed since the job was created.
        """
        job, plan, options = order.job, order.job.plan, order.job.options
        uploads = self._inputs(order, ArtifactRole.UPLOAD)
        masks = self._inputs(order, ArtifactRole.MASK)
        is_video = job.kind is MediaKind.VIDEO
        last_frames = self._inputs(order, ArtifactRole.LAST_FRAME)
        references = self._inputs(order, ArtifactRole.REFERENCE)
        return RenderSpec(
            job_id=job.id,
            kind=job.kind,
            prompt=job.prompt,
            width=plan.width,
            height=plan.height,
            fps=plan.fps,
            frames=plan.frames,
            seed=plan.seed,
            outputs=plan.outputs,
            watermark=plan.watermark,
            first_frame=uploads[0] if uploads and is_video else None,
            action=job.action,
            prompt_history=options.prompt_history,
            source=self._source(order),
            kept_frames=options.kept_frames,
            style=options.style,
            shots=options.shots,
            characters=self._characters(order),
            references=tuple(references if is_video else uploads),
            last_frame=last_frames[0] if last_frames else None,
            parameters=options.parameters,
            mask=masks[0] if masks else None,
            picture_format=options.picture_format,
            picture_quality=options.picture_quality,
            partials=options.partials,
            watermarked_copy=options.watermarked_copy,
            model=names.upstream,
            catalog_model=names.catalog,
            parent=None if order.parent_ticket is None else Ticket(order.parent_ticket),
        )

    def require_room(self) -> None:
        """Raise ``OSError`` (ENOSPC) when less than the reserve is free for a job's files."""
        # One by one: a mode is not that of the parents.
        for folder in (self.root.parent, self.root):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if shutil.disk_usage(self.root).free < self.reserve_bytes:
            raise OSError(errno.ENOSPC, "less than min_free_disk_mb is free", str(self.root))

    def output_dir(self, job: Job) -> Path:
        """Return an empty folder for the artifacts."""
        folder = self._folder(job) / "out"
        with suppress(FileNotFoundError):
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
        return folder

    def clear(self, job: Job) -> None:
        """Remove the job's folders."""
        shutil.rmtree(self._folder(job), ignore_errors=True)

    def _inputs(self, order: RenderOrder, role: ArtifactRole) -> list[Path]:
        return [self._fetch(order.job, one.key) for one in order.inputs if one.role is role]

    def _source(self, order: RenderOrder) -> Path | None:
        uploaded = self._inputs(order, ArtifactRole.SOURCE)
        if uploaded:
            return uploaded[0]
        if order.source is not None:
            return self._fetch(order.job, order.source.key)
        if order.job.action is JobAction.CREATE:
            return None
        raise EngineError("source_missing", "The video that this one starts from was deleted.")

    def _characters(self, order: RenderOrder) -> tuple[CharacterImage, ...]:
        return tuple(
            CharacterImage(one.name, self._fetch(order.job, one.key)) for one in order.characters
        )

    def _fetch(self, job: Job, key: str) -> Path:
        folder = self._folder(job) / "in"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / key.replace("/", "-")
        try:
            self.store.download_to(key, path)
        except ObjectMissing as error:
            raise EngineError(
                "source_missing", "A file that this job needs was deleted."
            ) from error
        return path

    def _folder(self, job: Job) -> Path:
        return self.root / job.id.hex
