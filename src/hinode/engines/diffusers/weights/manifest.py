"""The record in a model's folder of where its files came from, so that no hub need be asked."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from hinode.engines.diffusers.weights.errors import UnusableModel

MANIFEST = "hinode-model.json"


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file that was got and proved: its size, and its digest at the hub."""

    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The origin of a model, and the files of it that are there.

    ``revision`` is what was asked for, None for the newest; ``commit`` what that was. ``complete``:
    all of its files are there. ``licence`` is the name that the repository gives.
    """

    repository: str
    revision: str | None
    commit: str
    licence: str | None = None
    complete: bool = False
    files: dict[str, FileRecord] = field(default_factory=dict)


def read_manifest(folder: Path) -> Manifest | None:
    """Return the record in a folder; None without one. Raises :class:`UnusableModel` if damaged."""
    path = folder / MANIFEST
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        files = {name: FileRecord(**one) for name, one in found.pop("files").items()}
        return Manifest(**found, files=files)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UnusableModel(f"{path} is damaged. Remove it, and pull the model again.") from None


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the record of a folder; a crash leaves the old one or the new one."""
    path = folder / MANIFEST
    new = path.with_suffix(".new")
    new.write_text(json.dumps(asdict(manifest), indent=1) + "\n", encoding="utf-8")
    os.replace(new, path)
