"""The models that an engine renders with: found by name, and described by their folders."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import structlog

from hinode.engines.base import EngineError
from hinode.engines.diffusers.downloads import pull_model
from hinode.engines.diffusers.process.protocol import ModelOrder
from hinode.engines.diffusers.rendering.adapters import BY_CLASS
from hinode.engines.diffusers.settings import DiffusersSettings
from hinode.engines.diffusers.weights.errors import ModelMissing, UnusableModel
from hinode.engines.diffusers.weights.facts import ModelFacts, WeightsFile
from hinode.engines.diffusers.weights.inspection import inspect
from hinode.engines.diffusers.weights.library import local_model
from hinode.engines.diffusers.weights.names import parse_name

log = structlog.get_logger("hinode.diffusers")


class ModelLibrary:
    """Finds models in the operator's folder, or at a path."""

    def __init__(self, settings: DiffusersSettings) -> None:
        self._settings = settings

    def order(self, name: str) -> ModelOrder:
        """Return the order of a model by its name in the settings.

        Raises :class:`EngineError` for one that is missing or cannot be rendered with.
        """
        with _without_paths(name):
            facts = self._read(name)
        if facts.pipeline_class not in BY_CLASS:
            raise EngineError(
                "model_unsupported",
                f"Models of the class {facts.pipeline_class} are not rendered with; those that "
                f"are: {', '.join(sorted(BY_CLASS))}.",
            )
        if facts.missing:
            raise EngineError(
                "model_unusable",
                f"The model '{shown_name(name)}' lacks files ({', '.join(facts.missing[:3])}): "
                "get it again.",
            )
        return ModelOrder(shown_name(name), facts, self._settings.load_settings(name).load_options)

    def facts(self, name: str) -> ModelFacts | None:
        """Return the facts of a model; None where it is missing or cannot be rendered with."""
        try:
            facts = self._read(name)
        except (EngineError, OSError):  # told when a job needs it, and by `hinode model check`
            return None
        return facts if facts.pipeline_class in BY_CLASS else None

    async def get(self, name: str) -> None:
        """Get a model that is missing, where the settings allow it. Raises :class:`EngineError`."""
        folder = self._settings.model_folder
        if folder is not None and self.may_get(name):
            with _without_paths(name):
                reserve = self._settings.min_free_disk_mb
                await pull_model(self._settings.base_of(name), folder, reserve)

    def may_get(self, name: str) -> bool:
        """Return whether a missing model may be got: of a hub, and if the settings allow it."""
        base = self._settings.base_of(name)
        return bool(self._settings.download_models) and shown_name(base) == base

    def _read(self, name: str) -> ModelFacts:
        folder = self._folder(name)
        files = self._settings.files_of(name)
        found = _inspected(folder, name, files, _changed_at(folder))
        # What is missing may have come since, without a change of the index.
        return inspect(folder, name, files) if found.missing else found

    def _folder(self, name: str) -> Path:
        folder = self._settings.model_folder
        if folder is None:
            raise EngineError("engine_misconfigured", "The setting 'model_folder' is missing.")
        return local_model(self._settings.base_of(name), folder)


@contextmanager
def _without_paths(name: str) -> Iterator[None]:
    """Log what is wrong with a model, and tell clients of it without paths of this machine."""
    try:
        yield
    except (ModelMissing, UnusableModel) as error:
        log.warning("a model cannot be rendered with", model=name, reason=str(error))
        state = "is not on this server" if isinstance(error, ModelMissing) else "cannot be used"
        message = f"The model '{shown_name(name)}' {state}; the operator's log says what to do."
        raise type(error)(message) from error


def shown_name(name: str) -> str:
    """Return a model's name for clients: of a path its last part."""
    parsed = parse_name(name) if name.startswith(("/", ".", "~")) else name
    return parsed.name if isinstance(parsed, Path) else name


def _changed_at(folder: Path) -> int:
    index = folder / "model_index.json"
    return index.stat().st_mtime_ns if index.is_file() else 0


@lru_cache(maxsize=64)
def _inspected(
    folder: Path, name: str, files: tuple[WeightsFile, ...], _changed: int
) -> ModelFacts:
    """Return the facts of a folder, read once until its index changes."""
    return inspect(folder, name, files)
