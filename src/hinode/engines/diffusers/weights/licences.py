"""The licence of weights: what their repository names, and what is known of it."""

from __future__ import annotations

from pathlib import Path

from hinode.engines.diffusers.weights.facts import UNKNOWN_LICENCE
from hinode.engines.diffusers.weights.manifest import read_manifest
from hinode.open_models.checkpoints import Checkpoint, find

_FREE = ("apache", "mit", "bsd", "cc0", "unlicense", "isc", "cc-by-4")


def licence_limits(name: str, licence: str | None = None) -> str | None:
    """Return the licence of a model with its limits of territory or commerce; None without any.

    ``licence`` is what its repository says; one that is not known to be free may have limits.
    """
    known = find(name)
    if known and "limits" in known.licence:
        return known.licence
    if licence is None or licence.lower().startswith(_FREE):
        return None
    return f"{licence} (may have limits)"


def licence_of(folder: Path, name: str, like: Checkpoint | None, *, own: bool = False) -> str:
    """Return the licence of the weights in a folder, with its limits; else :data:`UNKNOWN_LICENCE`.

    ``like`` is a listed model of their class: its limits hold for what is made from it, but what
    is free may be changed and licensed anew. ``own``: other files take the place of some weights.
    """
    record = None if own else read_manifest(folder)
    repository, named = (record.repository, record.licence) if record else (name, None)
    if (told := licence_limits(repository, named) or named) is not None:
        return told
    if (known := find(repository)) is not None:
        return known.licence
    return like.licence if like is not None and licence_limits(like.name) else UNKNOWN_LICENCE
