"""The differences between servers with ``/v1/videos``, as data.

Sources: OpenAI's published OpenAPI document and SDKs; the sources of vLLM-Omni 0.30.0, SGLang
0.5.23 and LiteLLM 1.109.1; the SDK and pages of OpenRouter (1.3.84), as of November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hinode.engines.base import JobAction, Parameter
from hinode.media.parameters import POST_PARAMETERS


class CreateFormat(StrEnum):
    """The body format of a create.

    ``form``: multipart with ``seconds`` and ``size``. ``exact_form``: multipart with frames, rate
    and sides spelled out. ``string_reference``: JSON whose ``input_reference`` is a data URL.
    ``aspect_ratio``: JSON with ``duration``, ``resolution`` and ``aspect_ratio``.
    """

    FORM = "form"
    EXACT_FORM = "exact_form"
    STRING_REFERENCE = "string_reference"
    ASPECT_RATIO = "aspect_ratio"


class OutputSelector(StrEnum):
    """The selector of a job's outputs at ``/content``: none, or a query's index."""

    NONE = "none"
    VARIANT = "variant"
    INDEX = "index"


_ALL = frozenset(JobAction)
_CREATE = frozenset({JobAction.CREATE})
# A style is told in words, in the prompt.
_SEEDED = frozenset({Parameter.STYLE, Parameter.SEED})
_SAMPLING = _SEEDED | {
    Parameter.NUM_FRAMES,
    Parameter.FPS,
    Parameter.NEGATIVE_PROMPT,
    Parameter.NUM_INFERENCE_STEPS,
    Parameter.GUIDANCE_SCALE,
    Parameter.GUIDANCE_SCALE_2,
}


@dataclass(frozen=True, slots=True)
class ServerProfile:
    """One kind of server.

    ``idempotent``: it honours ``Idempotency-Key``, so a create may be retried.
    ``supports_delete``: it has DELETE, which stops the work. ``has_stable_ids``: a job is always
    reported under its own id. ``single_model``: it serves one model and knows which.
    ``parameters`` are the generation parameters that it reads, ``names`` their other names there,
    ``extra_params`` further ones that are fields of their own; with ``extra_object`` all others go
    into one, ``extra_params``. ``one_lora``: ``lora`` is one object with the path of the weights.
    """

    create_format: CreateFormat
    actions: frozenset[JobAction]
    output_selector: OutputSelector = OutputSelector.NONE
    max_outputs: int = 1
    idempotent: bool = False
    supports_delete: bool = True
    has_stable_ids: bool = True
    single_model: bool = False
    parameters: frozenset[Parameter] = frozenset({Parameter.STYLE})
    names: Mapping[Parameter, str] = field(default_factory=dict)
    extra_params: frozenset[str] = frozenset()
    extra_object: bool = False
    one_lora: bool = False


PROFILES = {
    # The key is sent, but the server does not guarantee to honour it.
    "openai": ServerProfile(CreateFormat.FORM, _ALL),
    "hinode": ServerProfile(
        CreateFormat.FORM,
        _ALL,
        idempotent=True,
        parameters=frozenset(Parameter) - POST_PARAMETERS,
        extra_object=True,
    ),
    # No remix, edits, extensions, variants; DELETE aborts a running job.
    "vllm-omni": ServerProfile(
        CreateFormat.EXACT_FORM,
        _CREATE,
        single_model=True,
        parameters=_SAMPLING
        | {Parameter.GENERATE_AUDIO, Parameter.LORA, Parameter.REFERENCE_IMAGES},
        names={
            Parameter.GENERATE_AUDIO: "generate_sound",
            Parameter.REFERENCE_IMAGES: "input_references",
        },
        extra_params=frozenset({"boundary_ratio", "flow_shift", "true_cfg_scale"}),
        extra_object=True,
        one_lora=True,
    ),
    # DELETE forgets the record and lets the GPU go on; `variant` is an output's index.
    "sglang": ServerProfile(
        CreateFormat.STRING_REFERENCE,
        _CREATE,
        output_selector=OutputSelector.VARIANT,
        max_outputs=4,
        supports_delete=False,
        single_model=True,
        parameters=_SAMPLING,
        extra_params=frozenset({"enable_teacache", "flow_shift", "true_cfg_scale"}),
    ),
    # Its ids contain provider and model, and change in later responses; no DELETE.
    "litellm": ServerProfile(CreateFormat.FORM, _ALL, supports_delete=False, has_stable_ids=False),
    "openrouter": ServerProfile(
        CreateFormat.ASPECT_RATIO,
        _CREATE,
        output_selector=OutputSelector.INDEX,
        supports_delete=False,
        parameters=_SEEDED
        | {Parameter.GENERATE_AUDIO, Parameter.LAST_FRAME, Parameter.REFERENCE_IMAGES},
    ),
}
"""The profiles by the name that the setting ``profile`` has."""
