"""The folder of models on this machine: find one by its name, list them, remove one."""

from __future__ import annotations

import os
import shlex
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hinode.engines.diffusers.weights.errors import ModelMissing, UnusableModel
from hinode.engines.diffusers.weights.licences import licence_limits
from hinode.engines.diffusers.weights.manifest import Manifest, read_manifest
from hinode.engines.diffusers.weights.names import HubName, parse_hub_name, parse_name
from hinode.engines.diffusers.weights.pull_lock import alone
from hinode.open_models.checkpoints import find


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A model in the folder of models; ``size`` is in bytes, those of unfinished files among them.

    ``licence`` is that of its repository, and ``limits`` what is known of a licence that limits
    who may use it.
    """

    name: HubName
    folder: Path
    manifest: Manifest
    size: int

    @property
    def licence(self) -> str | None:
        """The licence that its repository names, else the one that is known of the model."""
        known = find(self.name.repository)
        return self.manifest.licence or (known.licence if known else None)

    @property
    def limits(self) -> str | None:
        """The licence, where it has limits or is not known to have none."""
        return licence_limits(self.name.repository, self.manifest.licence)


def local_model(name: str, models: Path) -> Path:
    """Return the folder of a model by its name in the settings: a folder, or one that was pulled.

    A revision may be a commit that was pulled by another name of it. Raises :class:`ModelMissing`
    with the command that gets the model, and :class:`UnusableModel` for what is no name.
    """
    wanted = parse_name(name)
    if isinstance(wanted, Path):
        if wanted.is_file():
            raise UnusableModel(
                f"{wanted} is a single file, which has no text encoder or no settings of its own. "
                "In the table of its path below 'models' of the engine, set 'base' to the model in "
                "the form of diffusers that has the rest, and 'sha256' to its SHA-256."
            )
        if not wanted.is_dir():
            raise ModelMissing(f"There is no folder {wanted}. Correct the path of the model.")
        return wanted
    for one in list_models(models):
        if one.manifest.complete and _is(one, wanted):
            return one.folder
    raise ModelMissing(
        f"The model {name} is not on this machine. Run: hinode model pull {name}{_data_of(models)}"
    )


def _data_of(models: Path) -> str:
    """Return the option that brings a command to this folder of models, where it needs one."""
    data = models.parent
    has_settings = models.name == "models" and (data / "hinode.toml").is_file()
    if not has_settings or data.absolute() == Path("~/.hinode").expanduser():
        return ""
    return f" --data {shlex.quote(str(data))}"


def _is(one: LocalModel, wanted: HubName) -> bool:
    same = one.name.repository == wanted.repository
    return same and wanted.revision in (one.name.revision, one.manifest.commit)


def list_models(models: Path) -> list[LocalModel]:
    """Return the models in the folder of models, by name."""
    found = []
    for folder in sorted(models.iterdir()) if models.is_dir() else []:
        manifest = read_manifest(folder) if folder.is_dir() else None
        if manifest is not None:
            name = HubName(manifest.repository, manifest.revision)
            found.append(LocalModel(name, folder, manifest, _size(folder)))
    return found


def remove_model(name: str, models: Path) -> LocalModel:
    """Remove a pulled model, or what there is of it.

    Raises :class:`ModelMissing`, and :class:`HubError` while the model is being pulled.
    """
    wanted = parse_hub_name(name)
    for one in list_models(models):
        if one.name == wanted:
            with alone(one.folder, wanted):
                shutil.rmtree(one.folder)
            return one
    raise ModelMissing(f"The model {name} is not in {models}; see: hinode model list --local")


def _size(folder: Path) -> int:
    """Return the bytes of all files; those that a pull moves meanwhile may be left out."""
    total = 0
    for place, _folders, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                total += os.stat(os.path.join(place, name)).st_size
    return total
