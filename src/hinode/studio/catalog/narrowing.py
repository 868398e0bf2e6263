"""From a model to what the words of a name leave of it."""

from __future__ import annotations

from dataclasses import replace

from hinode.studio.catalog.types import Model, Size, Words
from hinode.studio.errors import ErrorCode, StudioError


def rename(model: Model, name: str) -> Model:
    """Return a model under another name."""
    return replace(model, id=name, alias_of=model.alias_of or model.id, aliases=())


def narrow(model: Model, name: str, words: Words) -> Model:
    """Return the model under a name, with the sizes and lengths that the name's words leave.

    Raises :class:`StudioError` when nothing is left: the words ask for what is not offered.
    """
    named = rename(model, name)
    sizes = tuple(size for size in model.sizes if _may_have(model, size, words))
    lengths = model.hd_seconds if words.hd else model.seconds
    seconds = tuple(one for one in lengths if words.seconds in (None, one))
    if not sizes or not seconds:
        raise StudioError(
            ErrorCode.UNSUPPORTED_VALUE,
            f"'{name}' asks for what '{named.alias_of}' does not offer here.",
            param="model",
            hint=f"It offers {_listed(model.sizes)} and {_listed(model.seconds)} seconds.",
        )
    return replace(named, sizes=sizes, seconds=seconds, words=words)


def _may_have(model: Model, size: Size, words: Words) -> bool:
    if words.orientation not in (None, size.orientation):
        return False
    is_hd = size in model.hd_sizes
    too_long = words.seconds is not None and words.seconds not in model.hd_seconds
    return not (words.hd and not is_hd) and not (is_hd and too_long)


def _listed(values: tuple[object, ...]) -> str:
    return ", ".join(str(value) for value in values)
