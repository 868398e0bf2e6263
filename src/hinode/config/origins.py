"""The value of every setting, and where it came from; secrets are hidden."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic_settings import TomlConfigSettingsSource

from hinode.config.config_file import config_file
from hinode.config.environment import EnvironmentSource
from hinode.config.settings import Settings
from hinode.config.shared import as_given
from hinode.kit.redaction import redact

HIDDEN = "***"
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_Path = tuple[str, ...]


class Source(StrEnum):
    """The kind of place that a setting's value came from."""

    PUBLISHED = "published"
    ARGUMENT = "argument"
    ENVIRONMENT = "environment"
    FILE = "file"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class SettingOrigin:
    """A setting by its path in hinode.toml, its value as JSON has it, and its source.

    ``place`` is the environment's variable or the file; None for the other sources.
    """

    name: str
    value: Any
    source: Source
    place: str | None


def setting_origins(
    settings: Settings, given: Mapping[str, Any], published: Mapping[str, Any]
) -> list[SettingOrigin]:
    """Return the settings in the order of the reference.

    ``given`` are the command's arguments, ``published`` what all hosts of the database share.
    """
    file = config_file(given)
    layers: list[tuple[Source, Mapping[str, Any]]] = [
        (Source.PUBLISHED, as_given(published)),
        (Source.ARGUMENT, {name: one for name, one in given.items() if one is not None}),
        (Source.ENVIRONMENT, EnvironmentSource(Settings)()),
        (Source.FILE, TomlConfigSettingsSource(Settings, toml_file=file)()),
    ]
    found = []
    for path, value in _fields(settings, ()):
        source = next((kind for kind, layer in layers if _has(layer, path)), Source.DEFAULT)
        if value is not None or source is not Source.DEFAULT:
            found.append(SettingOrigin(_name(path), value, source, _place(source, path, file)))
    return found


def _fields(table: BaseModel, path: _Path) -> Iterator[tuple[_Path, Any]]:
    for name, field in type(table).model_fields.items():
        yield from _leaves(getattr(table, name), (*path, name), secret=not field.repr)


def _leaves(value: Any, path: _Path, *, secret: bool) -> Iterator[tuple[_Path, Any]]:
    if isinstance(value, BaseModel):
        yield from _fields(value, path)
    elif isinstance(value, dict) and value:
        for name, one in value.items():
            yield from _leaves(one, (*path, name), secret=secret)
    elif isinstance(value, SecretStr) or (secret and "://" not in str(value)):
        yield path, HIDDEN if value else ""
    else:
        yield path, _plain(value)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it, without credentials in URLs."""
    if isinstance(value, str | Path):
        return redact(str(value))
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else value


def _has(layer: Mapping[str, Any], path: _Path) -> bool:
    """Return whether a layer sets the value at a path, or in a shorter form a table around it."""
    here: Any = layer
    for name in path:
        if not isinstance(here, Mapping):
            return True
        if name not in here:
            return False
        here = here[name]
    return True


def _name(path: _Path) -> str:
    return ".".join(part if _BARE.fullmatch(part) else f'"{part}"' for part in path)


def _place(source: Source, path: _Path, file: Path) -> str | None:
    if source is Source.FILE:
        return str(file)
    return _variable(path) if source is Source.ENVIRONMENT else None


def _variable(path: _Path) -> str:
    """Return the variable that sets a path: its own, or that of a table around it."""
    prefix = str(Settings.model_config["env_prefix"])
    names = [prefix + "__".join(path[:length]) for length in range(len(path), 0, -1)]
    present = {name.upper() for name in os.environ}
    return next((name.upper() for name in names if name.upper() in present), names[-1].upper())
