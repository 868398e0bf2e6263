"""Parse model names: the head of a family, then words joined by ``-`` in any order.

``sora_video2`` and its words are documented by the gateway whose API the OpenAI dialect serves;
the other heads are those of sora2api, whose names (``sora2pro-hd-portrait-15s``,
``sora-video-landscape-10s``, ``gpt-image-portrait``) follow the same grammar.
"""

from __future__ import annotations

from dataclasses import dataclass

from hinode.core.catalog.types import NameConstraints
from hinode.core.errors import ErrorCode, HinodeError
from hinode.media.size import Orientation

_SHAPES = {"portrait": Orientation.PORTRAIT, "landscape": Orientation.LANDSCAPE}
_LENGTHS = {"10s": 10, "15s": 15, "25s": 25}
_HD, _PRO = "hd", "pro"
_NOT_HD = "25s"

SHAPE_WORDS = tuple(_SHAPES)
VIDEO_WORDS = (*_SHAPES, *_LENGTHS, _HD, _PRO)


@dataclass(frozen=True, slots=True)
class NameFamily:
    """Names that begin with ``head``, the model that they mean and the words that may follow.

    The words ``pro`` and ``hd`` select the model ``pro``. ``shape`` is the orientation of a name
    without a word for it; None: the default of the model.
    """

    head: str
    model: str
    pro: str
    words: tuple[str, ...]
    shape: Orientation | None = None


@dataclass(frozen=True, slots=True)
class ParsedName:
    """The result of :func:`parse`: the model, and the parameters that the words fix."""

    model: str
    constraints: NameConstraints


FAMILIES = (
    NameFamily("sora_video2", "sora_video2", "sora_video2-pro", VIDEO_WORDS),
    NameFamily("sora_video", "sora_video", "sora_video", ()),
    NameFamily("sora_image", "sora_image", "sora_image", ()),
    NameFamily("sora2", "sora_video2", "sora_video2-pro", VIDEO_WORDS),
    NameFamily("sora2pro", "sora_video2-pro", "sora_video2-pro", VIDEO_WORDS),
    # sora2api's first names; `sora-video-10s` was landscape there.
    NameFamily("sora-video", "sora_video2", "sora_video2-pro", VIDEO_WORDS, Orientation.LANDSCAPE),
    NameFamily("sora-image", "sora_image", "sora_image", SHAPE_WORDS),
    NameFamily("gpt-image", "sora_image", "sora_image", SHAPE_WORDS),
)


def families_of(model: str) -> list[NameFamily]:
    """Return the families with words whose names can mean a model."""
    return [one for one in FAMILIES if model in (one.model, one.pro) and one.words]


def parse(name: str) -> ParsedName | None:
    """Parse a name; None when it belongs to no family.

    Raises :class:`HinodeError` for an unknown, repeated or contradicting word.
    """
    for family in FAMILIES:
        if name == family.head or name.startswith(f"{family.head}-"):
            rest = name[len(family.head) + 1 :]
            words = rest.split("-") if name != family.head else []
            return _read(name, family, words)
    return None


def _read(name: str, family: NameFamily, words: list[str]) -> ParsedName:
    for place, word in enumerate(words):
        if word not in family.words:
            raise _unsupported(name, _unknown(family, word), _hint(family))
        if word in words[:place]:
            raise _unsupported(name, f"the word '{word}' occurs twice.", "Use each word once.")
    _refuse_contradictions(name, words)
    shapes = [_SHAPES[word] for word in words if word in _SHAPES]
    lengths = [_LENGTHS[word] for word in words if word in _LENGTHS]
    fixed = NameConstraints(
        orientation=shapes[0] if shapes else family.shape,
        hd=_HD in words,
        seconds=lengths[0] if lengths else None,
    )
    # HD is made by the pro model only, so `hd` in a name implies `pro`.
    return ParsedName(family.pro if _PRO in words or _HD in words else family.model, fixed)


def _refuse_contradictions(name: str, words: list[str]) -> None:
    for group in (_SHAPES, _LENGTHS):
        both = [word for word in words if word in group]
        if len(both) > 1:
            said = " and ".join(f"'{word}'" for word in both)
            raise _unsupported(name, f"{said} contradict each other.", "Use one of them.")
    if _HD in words and _NOT_HD in words:
        raise _unsupported(
            name,
            f"'{_HD}' and '{_NOT_HD}' exclude each other: HD videos last 10 or 15 seconds.",
            f"Drop '{_HD}', or use '15s'.",
        )


def _unknown(family: NameFamily, word: str) -> str:
    if not family.words:
        return f"'{family.head}' takes no words, but '{word[:40]}' follows."
    return f"'{word[:40]}' is not a word of '{family.head}'."


def _hint(family: NameFamily) -> str:
    if not family.words:
        return f"Use '{family.head}' and send 'size' or 'duration'."
    return f"Its words are {', '.join(family.words)}, each at most once and in any order."


def _unsupported(name: str, rule: str, hint: str) -> HinodeError:
    message = f"The model name '{name[:80]}' cannot be used: {rule}"
    return HinodeError(ErrorCode.UNSUPPORTED_VALUE, message, param="model", hint=hint)
