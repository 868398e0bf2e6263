"""Load a pipeline from its folder: only safetensors, no code of others, no part missing."""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn

import diffusers
import torch

from hinode.engines.diffusers.process.protocol import ModelOrder
from hinode.engines.diffusers.rendering.adapters import BY_CLASS, Adapter
from hinode.engines.diffusers.rendering.clips import NotRenderable
from hinode.engines.diffusers.rendering.components import (
    NotLoadable,
    missing_weights,
    read_dtypes,
    read_own_components,
)
from hinode.engines.diffusers.rendering.denoisers import set_up_denoisers
from hinode.engines.diffusers.rendering.device_errors import is_of_device
from hinode.engines.diffusers.rendering.minimax_h3 import MiniMaxH3ModularPipeline
from hinode.engines.diffusers.rendering.placement import place
from hinode.engines.diffusers.rendering.skeletons import refuse_other_shapes
from hinode.engines.diffusers.rendering.text_encodings import TextEncodings
from hinode.engines.diffusers.weights.inspection import UNUSED, read_index
from hinode.engines.diffusers.weights.load_options import Placement, refusal
from hinode.engines.diffusers.weights.machine import free_host_memory
from hinode.engines.diffusers.weights.memory import GIB, Memory, plan_memory
from hinode.engines.diffusers.weights.remedies import memory_remedy

diffusers.utils.logging.disable_progress_bar()


@dataclass(slots=True)
class LoadedModel:
    """A model in memory, and the pipelines that share its weights."""

    order: ModelOrder
    adapter: Adapter
    device: str
    placement: Placement
    encodings: TextEncodings = field(default_factory=TextEncodings)
    _pipelines: dict[str, Any] = field(default_factory=dict)
    _placed: str = ""

    def add(self, pipeline: Any) -> None:
        """Add a pipeline over these weights."""
        self._pipelines[type(pipeline).__name__] = pipeline

    def pipeline(self, class_name: str) -> Any:
        """Return the pipeline of a class over these weights."""
        if class_name not in self._pipelines:
            known = next(iter(self._pipelines.values()))
            self._pipelines[class_name] = _sharing(_class(class_name), known)
        found = self._pipelines[class_name]
        by_parts = self.placement is Placement.MODEL_OFFLOAD
        if not self._placed or (by_parts and self._placed != class_name):
            # Hooks that move whole parts belong to one pipeline at a time, all others to the parts.
            place(found, self.device, self.placement)
            self._placed = class_name
        return found

    def parameters(self, pipeline: Any) -> frozenset[str]:
        """Return the names of the arguments that a pipeline takes with these weights."""
        names = frozenset(inspect.signature(pipeline.__call__).parameters)
        one_expert = getattr(pipeline.config, "boundary_ratio", None) is None
        return names - {"guidance_scale_2"} if one_expert else names

    def usual_strength(self, pipeline: Any) -> float | None:
        """Return the part of its steps in which a pipeline changes a picture; None without one."""
        known = inspect.signature(pipeline.__call__).parameters.get("strength")
        return None if known is None else float(known.default)

    @contextmanager
    def guided(self, pipeline: Any, scale: float | None) -> Iterator[None]:
        """Set the guidance of a pipeline that has it on a component, for the length of a block."""
        if not self.adapter.guider or scale is None:
            yield
            return
        usual = pipeline.guider
        pipeline.guider = usual.new(guidance_scale=scale)
        try:
            yield
        finally:
            pipeline.guider = usual

    def sample_rate(self) -> int:
        """Return the rate of the sound that comes out."""
        known = next(iter(self._pipelines.values()))
        rate = getattr(known, "audio_sample_rate", None)
        return int(rate or known.vocoder.config.output_sampling_rate)

    def free_hooks(self) -> None:
        """Take the weights from the device that a render which was stopped left there."""
        for one in self._pipelines.values():
            one.maybe_free_model_hooks()


def load(order: ModelOrder) -> LoadedModel:
    """Load a model. Raises :class:`NotLoadable` and :class:`NotRenderable`."""
    adapter = BY_CLASS.get(order.facts.pipeline_class)
    if adapter is None:
        raise NotRenderable(
            "model_unsupported",
            f"Models of the class {order.facts.pipeline_class} are not rendered with; those that "
            f"are: {', '.join(sorted(BY_CLASS))}.",
        )
    device = device_name()
    if device == "cpu" and (card := os.environ.get("CUDA_VISIBLE_DEVICES")):
        _refuse_card(card)
    if (reason := refusal(order.options, device)) is not None:
        raise NotLoadable(f"The model '{order.name}' cannot be loaded: {reason}.")
    placement = _placement(order, device)
    with _explained(order):
        refuse_other_shapes(order)
        pipeline = _read(order, device)
        _set_up(pipeline, order)
    loaded = LoadedModel(order, adapter, device, placement)
    loaded.add(pipeline)
    return loaded


def device_name() -> str:
    """Return torch's name of the device of this process."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _refuse_card(name: str) -> NoReturn:
    """Refuse to render without the card of this process; torch says why it has none."""
    try:
        torch.cuda.init()
    except (AssertionError, RuntimeError) as error:
        reason = str(error).split("\n")[0].split(". ")[0].rstrip(".")[:200]
        raise NotLoadable(f"The card '{name}' cannot be used: {reason}.") from error
    raise NotLoadable(f"The card '{name}' cannot be used: torch finds none.")


def refuse_missing_weights(components: Mapping[str, Any]) -> None:
    """Raise :class:`NotLoadable` for components that were loaded without some of their weights."""
    for name, part in components.items():
        if isinstance(part, torch.nn.Module) and any(one.is_meta for one in part.parameters()):
            raise missing_weights(name)
        _refuse_untied(name, part)


def _refuse_untied(name: str, part: Any) -> None:
    """Refuse a text encoder whose two names of one embedding differ: it was loaded wrongly."""
    shared, encoder = getattr(part, "shared", None), getattr(part, "encoder", None)
    tokens = getattr(encoder, "embed_tokens", None)
    if not isinstance(shared, torch.nn.Embedding) or not isinstance(tokens, torch.nn.Embedding):
        return
    if shared.weight is not tokens.weight and not torch.equal(shared.weight, tokens.weight):
        raise NotLoadable(f"The embedding of '{name}' was loaded wrongly: update transformers.")


def _sharing(made: Any, known: Any) -> Any:
    """Return a pipeline of another class over the components and settings of one that is loaded."""
    held = {**known.config, **known.components}
    names = (one for one in inspect.signature(made.__init__).parameters if one != "self")
    return made(**{name: held[name] for name in names if name in held})


def _read(order: ModelOrder, device: str) -> Any:
    dtypes = read_dtypes(order, device)
    pipeline = _class(order.facts.pipeline_class).from_pretrained(
        order.facts.folder,
        dtype=dtypes,
        use_safetensors=True,
        local_files_only=True,
        **dict.fromkeys(UNUSED & read_index(order.facts.folder).keys()),
        **read_own_components(order, dtypes),
    )
    refuse_missing_weights(pipeline.components)
    return pipeline


def _set_up(pipeline: Any, order: ModelOrder) -> None:
    """Set a pipeline up as the engine's settings say, or raise :class:`NotLoadable`."""
    if order.options.vae_tiling and hasattr(getattr(pipeline, "vae", None), "enable_tiling"):
        # Without arguments: some of them alone make tiles that do not fit together.
        pipeline.vae.enable_tiling()
    try:
        set_up_denoisers(pipeline, order.options)
    except (ValueError, RuntimeError) as error:
        raise _not_possible(order, error) from error


@contextmanager
def _explained(order: ModelOrder) -> Iterator[None]:
    """Raise :class:`NotLoadable` for what the libraries raise."""
    try:
        yield
    except (NotLoadable, MemoryError):
        raise
    except ImportError as error:
        raise _not_possible(order, error) from error
    except Exception as error:  # the libraries have some of their own
        if is_of_device(error):
            raise
        raise NotLoadable(
            f"The model '{order.name}' cannot be loaded: its files are damaged, or of different "
            "models. The operator's log says why; get the model again."
        ) from error


def _not_possible(order: ModelOrder, error: Exception) -> NotLoadable:
    """Return the error for what a setting asks for and this machine has not, in its own words."""
    reason = " ".join(str(error).split())[:300]
    return NotLoadable(
        f"The model '{order.name}' cannot be loaded as its engine's settings say: {reason}"
    )


def _placement(order: ModelOrder, device: str) -> Placement:
    """Return the operator's choice, else what the free memory allows."""
    if device != "cuda":
        return Placement.HOST
    if order.options.placement is not None:
        return order.options.placement
    card, _ = torch.cuda.mem_get_info()
    free = Memory(card, free_host_memory())
    plan = plan_memory(order.facts, free, order.options)
    if not plan.fits:
        raise NotLoadable(
            f"The model '{order.name}' does not fit: it needs {plan.card_peak / GIB:.1f} GiB on "
            f"the card, where {card / GIB:.1f} are free, and {plan.host_peak / GIB:.1f} GiB on the "
            f"host, where {free.host / GIB:.1f} are free. "
            + memory_remedy(order.facts, free, order.options)
        )
    return plan.placement


def _class(name: str) -> Any:
    own = MiniMaxH3ModularPipeline
    return own if name == own.__name__ else getattr(diffusers, name)
