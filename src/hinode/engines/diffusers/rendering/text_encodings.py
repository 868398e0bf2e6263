"""Encodings of prompts that are kept, so that a prompt which comes again needs no text encoder."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch

MOST_BYTES = 512 * 1024 * 1024
"""A hundred and more prompts of the largest text encoders, in the memory of the host."""


class _NotKept(Exception):
    """Arguments or a result that are more than texts and tensors."""


@dataclass(frozen=True, slots=True)
class _Encoding:
    result: Any
    device: torch.device
    size: int

    def again(self) -> Any:
        """Return a copy on the device: pipelines may change what they are given."""
        return _mapped(self.result, lambda one: one.to(self.device, copy=True))


@dataclass(slots=True)
class TextEncodings:
    """Encodings of one model by all arguments of their call; those used longest ago go first."""

    most_bytes: int = MOST_BYTES
    _kept: OrderedDict[Hashable, _Encoding] = field(default_factory=OrderedDict)

    @property
    def size(self) -> int:
        """The bytes that are kept."""
        return sum(one.size for one in self._kept.values())

    @contextmanager
    def used_by(self, pipeline: Any) -> Iterator[None]:
        """Have a pipeline encode only what is not kept, for the length of the block."""
        encode = getattr(pipeline, "encode_prompt", None)
        if encode is None:
            yield
            return
        # Set on the instance, so that removing it brings that of the class back.
        pipeline.encode_prompt = self._keeping(type(pipeline).__name__, encode)
        try:
            yield
        finally:
            del pipeline.encode_prompt

    def _keeping(self, name: str, encode: Callable[..., Any]) -> Callable[..., Any]:
        def encoded(*args: Any, **kwargs: Any) -> Any:
            try:
                key = (name, _key(args), _key(kwargs))
            except _NotKept:
                return encode(*args, **kwargs)
            if (known := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
                return known.again()
            result = encode(*args, **kwargs)
            self._keep(key, result)
            return result

        return encoded

    def _keep(self, key: Hashable, result: Any) -> None:
        found: list[torch.Tensor] = []

        def copied(one: torch.Tensor) -> torch.Tensor:
            found.append(one)
            return one.to("cpu", copy=True)

        try:
            copy = _mapped(result, copied)
        except _NotKept:
            return
        size = sum(one.nbytes for one in found)
        if len({one.device for one in found}) != 1 or size > self.most_bytes:
            return
        self._kept[key] = _Encoding(copy, found[0].device, size)
        while self.size > self.most_bytes:
            self._kept.popitem(last=False)


def _key(value: Any) -> Hashable:
    """Return arguments as a key. Raises :class:`_NotKept` for pictures, tensors and the like."""
    match value:
        case None | str() | bool() | int() | float() | torch.device() | torch.dtype():
            return type(value).__name__, value
        case list() | tuple():
            return tuple(_key(one) for one in value)
        case Mapping():
            return tuple((str(name), _key(one)) for name, one in sorted(value.items()))
    raise _NotKept


def _mapped(value: Any, change: Callable[[torch.Tensor], torch.Tensor]) -> Any:
    """Return a result with all its tensors changed. Raises :class:`_NotKept` for other parts."""
    match value:
        case None | str() | bool() | int() | float():
            return value
        case torch.Tensor():
            return change(value)
        case list():
            return [_mapped(one, change) for one in value]
        case tuple() if type(value) is tuple:
            return tuple(_mapped(one, change) for one in value)
        case dict() if type(value) is dict:
            return {name: _mapped(one, change) for name, one in value.items()}
    raise _NotKept
