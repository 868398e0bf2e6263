"""The file of settings: its place, and what is in it."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path
from tomllib import TOMLDecodeError
from typing import Any

from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    TomlConfigSettingsSource,
)

DEFAULT_DATA = Path("~/.hinode")


class InvalidConfigFile(Exception):
    """The file of settings cannot be read; the message says why, and the remedy."""


def read_file(settings_cls: type[BaseSettings], path: Path) -> PydanticBaseSettingsSource:
    """Return the settings of a file. Raises :class:`InvalidConfigFile`."""
    try:
        return TomlConfigSettingsSource(settings_cls, toml_file=path)
    except UnicodeDecodeError as error:
        message = f"{path} is no TOML: it is not in UTF-8. Save it as UTF-8, or remove it."
        raise InvalidConfigFile(message) from error
    except TOMLDecodeError as error:
        message = f"{path} is no TOML: {error}. Correct the line, or remove the file."
        raise InvalidConfigFile(message) from error


def config_file(given: Mapping[str, Any]) -> Path:
    """Return the settings' file, which may be missing. Raises ``OSError`` if it was named."""
    named = os.environ.get("HINODE_CONFIG")
    if named:
        if not Path(named).is_file():
            raise FileNotFoundError(
                errno.ENOENT, "HINODE_CONFIG names no file; correct it, or unset it", named
            )
        return Path(named)
    data = given.get("data") or os.environ.get("HINODE_DATA") or DEFAULT_DATA
    return Path(data).expanduser() / "hinode.toml"
