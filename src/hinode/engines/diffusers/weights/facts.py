"""The facts of a model that its folder tells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hinode.media.types import MediaKind
from hinode.open_models.checkpoints import Checkpoint

UNKNOWN_LICENCE = "unknown"
_PRECISE = re.compile(r"embed|norm|shared|lm_head|^proj_(in|out)(\.|$)|(^|\.)wo(\.|$)")
_CONVERTED = {"F64": 8, "F32": 4, "BF16": 2, "F16": 2}
"""Bytes of a number in the dtypes that loading converts; others stay as they are in the file."""

FLOAT32_VAES = frozenset({"AutoencoderKLWan"})
"""VAEs whose decode loses visibly in bfloat16, as their model cards say."""


@dataclass(frozen=True, slots=True)
class Component:
    """One component with weights: its name in the pipeline, its class, its bytes by dtype.

    ``matrices`` are those of its bytes that a quantization makes a byte per number.
    """

    name: str
    class_name: str
    bytes_by_dtype: Mapping[str, int]
    matrices: Mapping[str, int] = field(default_factory=dict)

    @property
    def stored(self) -> int:
        """The bytes of its weights on disk."""
        return sum(self.bytes_by_dtype.values())

    def bytes_at(self, width: int, *, quantized: bool = False) -> int:
        """Return its bytes in memory when numbers are loaded with ``width`` bytes."""
        whole = _bytes_at(self.bytes_by_dtype, width)
        if not (quantized and is_quantized(self.name)):
            return whole
        return whole - _bytes_at(self.matrices, width) + _bytes_at(self.matrices, 1)


def is_quantized(component: str) -> bool:
    """Return whether a quantization counts for a component: denoisers and text encoders."""
    return component.startswith(("transformer", "unet", "text_encoder"))


def is_precise(layer: str) -> bool:
    """Return whether a layer keeps its precision when its component is quantized.

    Embeddings, norms and heads, as the defaults of diffusers have it, and the layers of T5 that
    its makers keep in float32.
    """
    return _PRECISE.search(layer) is not None


def _bytes_at(bytes_by_dtype: Mapping[str, int], width: int) -> int:
    return sum(
        size // _CONVERTED[dtype] * width if dtype in _CONVERTED else size
        for dtype, size in bytes_by_dtype.items()
    )


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """A file that a component's weights come from in place of its folder, and its SHA-256.

    ``prefix`` begins the names of the component's tensors in it, where it holds several components.
    Without a ``component`` it has those of a model that are found in it.
    """

    component: str
    path: Path
    sha256: str
    prefix: str = ""

    @property
    def is_gguf(self) -> bool:
        """True if it holds quantized weights."""
        return self.path.suffix == ".gguf"


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """A model by its folder.

    ``from_text`` and ``from_picture``: it renders a prompt alone, and a first frame (or, of a model
    for pictures, a picture to change); ``last_frame``: a video may end on a picture, if it starts
    on one. ``loras`` and ``negative_prompt``: it takes them. ``sample_rate`` is that of its sound,
    None if the folder does not tell. ``missing`` are the files that it lacks, relative to the
    folder; with any of them it cannot be loaded. ``checkpoint`` has its frame rule, None for
    pictures. ``files`` are those of the operator's that take the place of weights. ``licence`` is
    that of the weights.
    """

    folder: Path
    pipeline_class: str
    kind: MediaKind
    from_text: bool
    from_picture: bool
    sound: bool
    sample_rate: int | None
    components: tuple[Component, ...]
    missing: tuple[str, ...]
    checkpoint: Checkpoint | None
    last_frame: bool = False
    loras: bool = True
    negative_prompt: bool = True
    files: tuple[WeightsFile, ...] = ()
    licence: str = UNKNOWN_LICENCE

    @property
    def known_licence(self) -> str | None:
        """The licence of the weights; None where nobody tells it."""
        return None if self.licence == UNKNOWN_LICENCE else self.licence

    @property
    def stored(self) -> int:
        """The bytes of all weights on disk."""
        return sum(one.stored for one in self.components)
