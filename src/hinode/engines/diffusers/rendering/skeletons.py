"""Compare what configurations say with the weights beside them, before any memory is taken.

Libraries make each layer in its full size, if only for a moment, before they find that the weights
are of another one.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import prod
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from transformers import PreTrainedModel

from hinode.engines.diffusers.process.protocol import ModelOrder
from hinode.engines.diffusers.rendering.components import NotLoadable, component_type
from hinode.engines.diffusers.weights.component_files import read_json
from hinode.engines.diffusers.weights.inspection import component_class, read_index

_MOST_SECONDS = 20
"""Of the processor; the largest classes take one."""
_MOST_TABLES = 4 << 30
"""Bytes of what a class computes and keeps beside its weights; usual are 300 MB at most."""
_FEW_NUMBERS = 1 << 22
"""So many cost nothing, whatever is there. A head that is not needed may be left out."""
_META = "meta"
_QUANTIZED = "quantization_config"
_ADVICE = "Get the model again, or correct its configuration."

Shape = tuple[int, ...]


class _TooLong(Exception):
    """A class that is still not made."""


def refuse_other_shapes(order: ModelOrder) -> None:
    """Raise :class:`NotLoadable` for a configuration that is of other weights than those here.

    Components whose weights are packed, or come from a file of the operator's, are left out.
    """
    folder, own = order.facts.folder, {one.component for one in order.facts.files}
    index = read_index(folder)
    for name in (one.name for one in order.facts.components if one.name not in own):
        if _QUANTIZED not in read_json(folder / name / "config.json"):
            library, class_name = component_class(index, name) or ("", "")
            _compare(order.name, folder / name, component_type(library, class_name))


def _compare(model: str, folder: Path, of: Any) -> None:
    of_what = f"The model '{model}' cannot be loaded: {folder.name}/config.json"
    try:
        with _time_limit():
            skeleton = _skeleton(of, folder)
    except _TooLong:
        raise NotLoadable(f"{of_what} has too many parts. {_ADVICE}") from None
    except Exception as error:
        if isinstance(error, MemoryError) or _META in str(error).lower():
            return  # a class that computes with numbers, which are not there
        raise NotLoadable(f"{of_what} is no configuration of {of.__name__}. {_ADVICE}") from error
    tables = sum(one.nbytes for one in skeleton.buffers())
    if tables > _MOST_TABLES:
        gib = tables / (1 << 30)
        raise NotLoadable(f"{of_what} asks for tables of {gib:,.0f} GiB. {_ADVICE}")
    there = _shapes(folder)
    for name, part in skeleton.state_dict().items():
        if (shape := there.get(name, part.shape)) != tuple(part.shape):
            raise NotLoadable(
                f"{of_what} does not fit the weights: {name[:100]} would be "
                f"{_told(tuple(part.shape))}, and is {_told(shape)}. {_ADVICE}"
            )
    # Their names may be others, which the library knows.
    wanted = sum(one.numel() for one in skeleton.parameters())
    present = sum(map(prod, there.values()))
    if wanted > 2 * present + _FEW_NUMBERS:
        raise NotLoadable(
            f"{of_what} does not fit the weights: they would have {wanted:,} numbers, and have "
            f"{present:,}. {_ADVICE}"
        )


def _skeleton(of: Any, folder: Path) -> Any:
    """Return a model without memory for its numbers."""
    with torch.device(_META):
        if issubclass(of, PreTrainedModel):
            return of(of.config_class.from_pretrained(folder, local_files_only=True))
        return of.from_config(of.load_config(folder, local_files_only=True))


def _shapes(folder: Path) -> Mapping[str, Shape]:
    found: dict[str, Shape] = {}
    for path in sorted(folder.glob("*.safetensors")):
        try:
            with safe_open(path, "pt") as opened:
                names = opened.keys()
                found |= {one: tuple(opened.get_slice(one).get_shape()) for one in names}
        except SafetensorError:
            continue  # told of when it is loaded, if it is
    return found


def _told(shape: Shape) -> str:
    return "x".join(map(str, shape)) or "one number"


@contextmanager
def _time_limit() -> Iterator[None]:
    """Raise :class:`_TooLong` in a block that takes too much of the processor's time."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(_number: int, _frame: FrameType | None) -> None:
        raise _TooLong

    usual = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, _MOST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, usual)
