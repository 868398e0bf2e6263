"""The files of one component: those that it needs, those that are missing, what they hold."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hinode.engines.diffusers.weights.config_numbers import (
    refuse_absurd_numbers,
    refuse_absurd_schedule,
)
from hinode.engines.diffusers.weights.errors import UnusableModel
from hinode.engines.diffusers.weights.facts import Component
from hinode.engines.diffusers.weights.safetensors_file import SafetensorsFile, read_safetensors

_WEIGHTLESS = ("Tokenizer", "Scheduler", "Processor", "FeatureExtractor", "Guidance")
"""Words in the names of classes that have no weights."""

_SCHEDULER = "scheduler_config.json"
_VOCABULARIES = ("tokenizer.json", "*.model", "vocab.*")
_OF_BYTES = "ByT5Tokenizer"
"""A tokenizer whose words are bytes."""
_STEMS = ("diffusion_pytorch_model", "model")
_MOST_JSON = 16_000_000
"""Bytes; the largest indexes of shards have some megabytes."""
_MOST_SHARDS = 10_000
"""The largest models have some hundreds."""
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")


@dataclass(frozen=True, slots=True)
class ComponentFiles:
    """The weights in the folder of a component, and the files that it lacks."""

    component: Component | None
    missing: tuple[str, ...]


def has_weights(class_name: str) -> bool:
    """Return whether components of a class have weights; tokenizers and schedulers have none."""
    return not any(word in class_name for word in _WEIGHTLESS)


def read_component(folder: Path, name: str, class_name: str) -> ComponentFiles:
    """Read the headers of a component's weights.

    Raises :class:`UnusableModel` for a file that is cut, and for weights that are pickled only.
    """
    place = folder / name
    if not place.is_dir():
        return ComponentFiles(None, (f"{name}/",))
    configs = {path.name: read_json(path) for path in sorted(place.glob("*config.json"))}
    if _SCHEDULER in configs:
        refuse_absurd_schedule(place / _SCHEDULER, configs[_SCHEDULER])
    if not has_weights(class_name):
        return ComponentFiles(None, _missing_settings(place, name, class_name))
    missing = [] if (place / "config.json").is_file() else [f"{name}/config.json"]
    expected, shards = _shards(place)
    missing += [f"{name}/{one}" for one in shards if not (place / one).is_file()]
    if not shards:
        _refuse_pickles(place, name)
        missing.append(f"{name}/{_STEMS[0]}.safetensors")
    read = [read_safetensors(place / one) for one in shards if (place / one).is_file()]
    if not missing:
        _refuse_absent_tensors(place, expected, read)
        refuse_absurd_numbers(
            place / "config.json",
            configs["config.json"],
            sum(len(one.tensors) for one in read),
            sum(one.numbers for one in read),
        )
    sizes = _sum(one.bytes_by_dtype for one in read)
    matrices = _sum(one.matrices for one in read)
    return ComponentFiles(Component(name, class_name, sizes, matrices), tuple(missing))


def _missing_settings(place: Path, name: str, class_name: str) -> tuple[str, ...]:
    """Return what a component without weights lacks: a tokenizer without words gives no error."""
    if "Scheduler" in class_name and not (place / _SCHEDULER).is_file():
        return (f"{name}/{_SCHEDULER}",)
    if "Tokenizer" not in class_name or class_name == _OF_BYTES:
        return ()
    has_words = any(one.is_file() for words in _VOCABULARIES for one in place.glob(words))
    return () if has_words else (f"{name}/{_VOCABULARIES[0]}",)


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file. Raises :class:`UnusableModel` if there is none."""
    if not path.is_file():  # a link to a device never ends
        raise UnusableModel(f"{path} is no file. Get the model again.")
    size = path.stat().st_size
    if size > _MOST_JSON:
        raise UnusableModel(f"{path} has more than {_MOST_JSON:,} bytes. Get the model again.")
    try:
        # Files of the system say that they are empty, and are read without end.
        found = json.loads(path.read_text(encoding="utf-8")) if size else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UnusableModel(f"{path} is no JSON object. Get the model again.")
    return found


def is_variant(path: str) -> bool:
    """Return whether a file of weights is a variant, such as ``model.fp16.safetensors``."""
    name = path.rpartition("/")[2].removesuffix(".index.json").removesuffix(".safetensors")
    return "." in name


def is_pickle(path: str) -> bool:
    """Return whether a file of weights is pickled, by its name."""
    return path.endswith(_PICKLES)


def _shards(place: Path) -> tuple[frozenset[str], list[str]]:
    """Return the tensors that an index lists, none without one, and the names of the files.

    A variant, such as ``model.fp16.safetensors``, counts only where the plain files are not there.
    """
    for index in _by_plainness(place.glob("*.safetensors.index.json")):
        places = _weight_map(index)
        names = set(places.values())
        if len(names) > _MOST_SHARDS:
            raise UnusableModel(f"{index} lists {len(names):,} files. Get the model again.")
        if not all(map(_is_name, names)):
            raise _lists_no_files(index)
        return frozenset(places), sorted(names)
    whole = _by_plainness(place.glob("*.safetensors"))
    return frozenset(), [whole[0].name] if whole else []


def _by_plainness(paths: Iterable[Path]) -> list[Path]:
    return sorted(paths, key=lambda path: (is_variant(path.name), path.name))


def _weight_map(index: Path) -> dict[str, str]:
    """Return the file of each tensor, as an index says it."""
    found = read_json(index).get("weight_map")
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise _lists_no_files(index)
    return found


def _lists_no_files(index: Path) -> UnusableModel:
    return UnusableModel(f"{index} lists no files of weights. Get the model again.")


def _is_name(value: str) -> bool:
    return Path(value).name == value and value.endswith(".safetensors")


def _refuse_pickles(place: Path, name: str) -> None:
    pickled = sorted(one.name for one in place.iterdir() if is_pickle(one.name))
    if pickled:
        raise UnusableModel(
            f"{name} of {place.parent} has pickled weights only ({pickled[0]}), which are never "
            "loaded, as they run code: take a repository or revision that has safetensors."
        )


def _refuse_absent_tensors(
    place: Path, expected: frozenset[str], read: list[SafetensorsFile]
) -> None:
    absent = expected.difference(*(one.tensors for one in read))
    if absent:
        raise UnusableModel(
            f"{place} lacks {len(absent)} of its tensors, such as {min(absent)[:100]!r}: its files "
            "are of different models. Get the model again."
        )


def _sum(counts: Iterable[Counter[str]]) -> dict[str, int]:
    return dict(sum(counts, Counter()))
