"""The files of a repository that a model is loaded from: never pickles, never code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from hinode.engines.diffusers.weights.component_files import has_weights, is_pickle, is_variant
from hinode.engines.diffusers.weights.inspection import INDEX_NAMES, listed_components

_KEPT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*\.(json|safetensors|model|txt|jinja)")
_LICENCE = re.compile(r"(LICEN[CS]E|NOTICE)[A-Za-z0-9._-]{0,40}", re.IGNORECASE)


def index_name(paths: Iterable[str]) -> str | None:
    """Return the name of the index of a pipeline among the files of a repository; None without."""
    present = set(paths)
    return next((name for name in INDEX_NAMES if name in present), None)


def pickled_component(paths: Iterable[str], index: Mapping[str, Any]) -> str | None:
    """Return the name of a component whose weights are pickled only; None without one."""
    present = list(paths)
    for name, class_name in listed_components(index):
        own = [path for path in present if path.startswith(f"{name}/")]
        is_safe = any(path.endswith(".safetensors") for path in own)
        if has_weights(class_name) and not is_safe and any(map(is_pickle, own)):
            return name
    return None


def select_files(paths: Iterable[str], index: Mapping[str, Any]) -> list[str]:
    """Return the files to get: the indexes, the licence, and those of the listed components.

    Weights that lie beside the components, often the same ones as a single file, are left out, as
    are variants of weights that are there in the usual form.
    """
    parts = {name for name, _class in listed_components(index)}
    kept: list[str] = []
    weights: list[str] = []
    for path in paths:
        folder, _, name = path.rpartition("/")
        if not folder:
            if name in INDEX_NAMES or _LICENCE.fullmatch(name):
                kept.append(path)
        elif folder in parts and _KEPT.fullmatch(name):
            (weights if ".safetensors" in name else kept).append(path)
    plain = {path.rpartition("/")[0] for path in weights if not is_variant(path)}
    usual = (path for path in weights if not is_variant(path) or path.split("/")[0] not in plain)
    return sorted({*kept, *usual})
