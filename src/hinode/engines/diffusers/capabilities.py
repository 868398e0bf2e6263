"""The capabilities of a model by the facts of its folder."""

from __future__ import annotations

from dataclasses import replace

from hinode.engines.base import Capabilities, JobAction, MediaKind, Parameter
from hinode.engines.diffusers.weights.facts import ModelFacts
from hinode.engines.diffusers.weights.load_options import LoadOptions
from hinode.media.parameters import POST_PARAMETERS

_SECOND_EXPERT = "transformer_2"
_ON_A_PICTURE = frozenset({JobAction.EDIT, JobAction.EXTENSION})


def model_capabilities(
    engine: Capabilities, facts: ModelFacts, options: LoadOptions
) -> Capabilities:
    """Return the capabilities of an engine with the model of these facts, loaded by these options.

    A remix is rendered from its text where the weights take no picture.
    """
    continues = facts.from_picture and facts.kind is MediaKind.VIDEO
    return replace(
        engine,
        kinds=frozenset({facts.kind}),
        first_frame=continues,
        audio=facts.sound,
        actions=engine.actions if continues else engine.actions - _ON_A_PICTURE,
        parameters=engine.parameters - _not_taken(facts, options),
        needs_picture=not facts.from_text,
        last_frame_needs_first=True,
    )


def _not_taken(facts: ModelFacts, options: LoadOptions) -> frozenset[Parameter]:
    two_experts = any(one.name == _SECOND_EXPERT for one in facts.components)
    taken = {
        Parameter.GENERATE_AUDIO: facts.sound,
        Parameter.LAST_FRAME: facts.last_frame,
        Parameter.LORA: facts.loras and options.takes_loras,
        Parameter.NEGATIVE_PROMPT: facts.negative_prompt,
        Parameter.GUIDANCE_SCALE_2: two_experts,
        **dict.fromkeys(POST_PARAMETERS, facts.kind is MediaKind.VIDEO),
    }
    return frozenset(name for name, takes in taken.items() if not takes)
