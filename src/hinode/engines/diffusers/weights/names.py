"""The names of models: a repository at a hub with or without a revision, or a folder here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from hinode.engines.diffusers.weights.errors import UnusableModel

_PART = r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}"
_REPOSITORY = re.compile(rf"({_PART}/{_PART})(?:@([A-Za-z0-9][A-Za-z0-9._/-]{{0,99}}))?")


@dataclass(frozen=True, slots=True)
class HubName:
    """A repository, and the revision that was asked for; None: the newest of its main branch."""

    repository: str
    revision: str | None = None

    def __str__(self) -> str:
        """Format it as settings and commands have it: ``owner/name@revision``."""
        return self.repository + (f"@{self.revision}" if self.revision else "")

    @property
    def folder_name(self) -> str:
        """The name of its folder: its own, with two dashes for each slash."""
        return str(self).replace("/", "--")


def parse_name(name: str) -> HubName | Path:
    """Return the repository or the folder that a name means.

    A folder is named by its path: it begins with a slash, a dot or ``~``. Raises
    :class:`UnusableModel` for what is neither.
    """
    if name.startswith(("/", ".", "~")):
        return Path(name).expanduser().absolute()
    match = _REPOSITORY.fullmatch(name)
    if match is None or ".." in name or "--" in match[1]:
        raise UnusableModel(
            f"{name!r} is no model. Write owner/name, owner/name@revision, or the path of a folder "
            "that begins with / or ./"
        )
    return HubName(match[1], match[2])


def parse_hub_name(name: str) -> HubName:
    """Return the repository that a name means. Raises :class:`UnusableModel` for a folder."""
    found = parse_name(name)
    if isinstance(found, Path):
        raise UnusableModel(f"{name!r} is a folder. Only models of a hub are pulled and removed.")
    return found
