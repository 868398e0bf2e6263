"""How servers with ``/v1/videos`` differ, as data.

Sources: OpenAI's published OpenAPI document and SDKs; the sources of vLLM-Omni 0.30.0, SGLang
0.5.23 and LiteLLM 1.109.1; the SDK and pages of OpenRouter (1.3.84), as of November 2026.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hinode.engines.base import JobAction


class Wire(StrEnum):
    """How a create is spelled.

    ``form``: multipart with ``seconds`` and ``size``. ``exact_form``: multipart with frames, rate
    and sides spelled out. ``string_reference``: JSON whose ``input_reference`` is a data URL.
    ``shape``: JSON with ``duration``, ``resolution`` and ``aspect_ratio``.
    """

    FORM = "form"
    EXACT_FORM = "exact_form"
    STRING_REFERENCE = "string_reference"
    SHAPE = "shape"


class Content(StrEnum):
    """What tells the outputs of one job apart at ``/content``: nothing, or a query's index."""

    ONLY = "only"
    VARIANT = "variant"
    INDEX = "index"


_ALL = frozenset(JobAction)
_CREATE = frozenset({JobAction.CREATE})


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of server.

    ``idempotent``: it honours ``Idempotency-Key``, so a create may be sent again. ``deletes``: it
    has DELETE, which stops the work. ``stable_ids``: a job is always reported under its own id.
    ``seeds``: a create has ``seed``. ``one_model``: it serves one model and knows which.
    """

    wire: Wire
    actions: frozenset[JobAction]
    content: Content = Content.ONLY
    max_outputs: int = 1
    idempotent: bool = False
    deletes: bool = True
    stable_ids: bool = True
    seeds: bool = False
    one_model: bool = False


PROFILES = {
    # Sends the key, but nobody promises that it is honoured.
    "openai": Profile(Wire.FORM, _ALL),
    "hinode": Profile(Wire.FORM, _ALL, idempotent=True, seeds=True),
    # No remix, edits, extensions, variants; DELETE aborts what is under way.
    "vllm-omni": Profile(Wire.EXACT_FORM, _CREATE, seeds=True, one_model=True),
    # DELETE forgets the record and lets the GPU go on; `variant` is an output's index.
    "sglang": Profile(
        Wire.STRING_REFERENCE,
        _CREATE,
        content=Content.VARIANT,
        max_outputs=4,
        deletes=False,
        seeds=True,
        one_model=True,
    ),
    # Its ids carry provider and model, and are spelled anew in later answers; no DELETE.
    "litellm": Profile(Wire.FORM, _ALL, deletes=False, stable_ids=False),
    "openrouter": Profile(Wire.SHAPE, _CREATE, content=Content.INDEX, deletes=False, seeds=True),
}
"""The profiles by the name that the setting ``profile`` has."""
