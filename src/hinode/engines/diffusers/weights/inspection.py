"""Read the facts of a model from its folder: JSON and headers only, without torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from hinode.engines.diffusers.weights.component_files import (
    ComponentFiles,
    read_component,
    read_json,
)
from hinode.engines.diffusers.weights.errors import UnusableModel
from hinode.engines.diffusers.weights.facts import ModelFacts, WeightsFile
from hinode.engines.diffusers.weights.licences import licence_of
from hinode.engines.diffusers.weights.own_files import read_own_file
from hinode.engines.diffusers.weights.pipelines import (
    PIPELINES,
    PipelineClass,
    checkpoint_of,
    described,
)
from hinode.engines.diffusers.weights.whole_files import with_components

UNUSED = frozenset({"transformer_ref", "prompt_enhancer", "duration_head"})
"""Weights that are never loaded.

Those of MiniMax-H3 for references, as many bytes as its others, and of LTX-2.5 the language model
that writes prompts anew and the guess of a length: a job says both itself.
"""

_LIBRARIES = frozenset({"diffusers", "transformers", "ltx2"})
"""Where the classes of components are; the last is a part of diffusers."""
INDEX_NAMES = ("model_index.json", "modular_model_index.json")


def inspect(folder: Path, name: str = "", own: tuple[WeightsFile, ...] = ()) -> ModelFacts:
    """Return the facts of a model; ``name`` is that of its repository, else the folder's counts.

    ``own`` are files that take the place of the weights of components, or hold some of them.

    Raises :class:`UnusableModel` if the folder holds no pipeline that is rendered with, a file that
    is cut, weights that are pickled, or code of its own.
    """
    index = read_index(folder)
    class_name, known = rendered_class(str(folder), index)
    parts = dict(listed_components(index))
    _refuse_code(folder, index, parts)
    own = with_components(own, class_name, parts)
    files = [_read(folder, part, of, own) for part, of in parts.items()]
    _refuse_others(folder, own, parts)
    config = {**index, **_config(folder / known.weighted)}
    takes = described(known, config)
    rules = checkpoint_of(takes, config, name or folder.name)
    licence = licence_of(folder, name or folder.name, rules, own=bool(own))
    return ModelFacts(
        folder=folder,
        pipeline_class=class_name,
        kind=takes.kind,
        from_text=takes.from_text,
        from_picture=takes.from_picture,
        sound=takes.sound,
        sample_rate=_sample_rate(folder) if takes.sound else None,
        components=tuple(one.component for one in files if one.component),
        missing=tuple(lacking for one in files for lacking in one.missing),
        checkpoint=replace(rules, licence=licence) if rules else None,
        licence=licence,
        last_frame=takes.last_frame,
        loras=takes.loras,
        negative_prompt=takes.negative_prompt,
        files=own,
    )


def _read(folder: Path, part: str, class_name: str, own: tuple[WeightsFile, ...]) -> ComponentFiles:
    file = next((one for one in own if one.component == part), None)
    if file is None:
        return read_component(folder, part, class_name)
    return read_own_file(folder, file, class_name)


def _refuse_others(folder: Path, own: tuple[WeightsFile, ...], parts: Mapping[str, str]) -> None:
    for one in own:
        if one.component not in parts:
            raise UnusableModel(
                f"{folder} has no component '{one.component}', for which 'files' names a file; it "
                f"has: {', '.join(parts)}."
            )


def read_index(folder: Path) -> dict[str, Any]:
    """Return the index of a pipeline. Raises :class:`UnusableModel` if the folder has none."""
    if not folder.is_dir():
        raise UnusableModel(f"There is no folder {folder}.")
    for name in INDEX_NAMES:
        if (folder / name).is_file():
            return read_json(folder / name)
    raise UnusableModel(
        f"{folder} has no model_index.json: it is no model in the form of diffusers. Take the "
        "repository of the model whose name has 'Diffusers' or 'diffusers'."
    )


def listed_components(index: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the name and class of each component of an index; those that are left out are null."""
    for name in index:
        named = component_class(index, name)
        if named is not None and name not in UNUSED and name.isidentifier():
            yield name, named[1]


def component_class(index: Mapping[str, Any], name: str) -> tuple[str, str] | None:
    """Return the library and the class of a component; None where the index has no such one.

    The index of a modular pipeline has them with how it was loaded, or in a hint.
    """
    value = index[name]
    if name.startswith("_") or not isinstance(value, list) or len(value) < 2:
        return None
    hint = value[2].get("type_hint") if len(value) > 2 and isinstance(value[2], dict) else None
    for found in (value[:2], hint):
        if isinstance(found, list) and [type(one) for one in found] == [str, str]:
            return found[0], found[1]
    return None


def rendered_class(model: str, index: Mapping[str, Any]) -> tuple[str, PipelineClass]:
    """Return the class of a model's index. Raises :class:`UnusableModel` for any other class."""
    name = index.get("_class_name")
    known = PIPELINES.get(name) if isinstance(name, str) else None
    if not isinstance(name, str) or known is None:
        raise UnusableModel(
            f"{model} is of the class {str(name)[:100]}, which is not rendered with; those that "
            f"are: {', '.join(PIPELINES)}."
        )
    return name, known


def _refuse_code(folder: Path, index: Mapping[str, Any], parts: Mapping[str, str]) -> None:
    """Refuse components whose class is in a file of the folder itself."""
    for name in parts:
        library, _ = component_class(index, name) or ("", "")
        module = f"{library.rpartition('.')[2]}.py"
        if (folder / name / module).is_file() or (folder / module).is_file():
            raise UnusableModel(
                f"{name} of {folder} brings code of its own ({module}), which is never run. Take a "
                "model whose classes are those of diffusers and transformers."
            )
        if library.partition(".")[0] not in _LIBRARIES:
            raise UnusableModel(
                f"{name} of {folder} is of the library {library[:100]!r}; those whose classes are "
                f"loaded are: {', '.join(sorted(_LIBRARIES))}."
            )


def _config(place: Path) -> dict[str, Any]:
    path = place / "config.json"
    return read_json(path) if path.is_file() else {}


def _sample_rate(folder: Path) -> int | None:
    rate = _config(folder / "vocoder").get("output_sampling_rate")
    return rate if isinstance(rate, int) else None
