"""The record in a model's folder of where its files came from, so that no hub need be asked."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from hinode.engines.diffusers.weights.errors import UnusableModel
from hinode.engines.diffusers.weights.names import parse_hub_name

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
    """Return the record in a folder; None without one.

    Of a damaged one there is left what the folder's name tells: a model that is not complete.
    """
    path = folder / MANIFEST
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        files = {name: FileRecord(**one) for name, one in found.pop("files").items()}
        return Manifest(**found, files=files)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError):
        return _named_by(folder)


def _named_by(folder: Path) -> Manifest | None:
    try:
        name = parse_hub_name(folder.name.replace("--", "/"))
    except UnusableModel:
        return None
    return Manifest(name.repository, name.revision, commit="")


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the record of a folder; a crash leaves the old one or the new one."""
    path = folder / MANIFEST
    new = path.with_suffix(".new")
    new.write_text(json.dumps(asdict(manifest), indent=1) + "\n", encoding="utf-8")
    os.replace(new, path)
