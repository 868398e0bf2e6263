"""Fields of requests that become generation parameters, shared by the dialects.

The names and bounds are those of vLLM-Omni's and SGLang's protocol models, which tests compare.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, cast

from pydantic import AfterValidator, Field, PlainValidator, Strict, WithJsonSchema

from hinode.api.image_inputs import (
    IMAGE_MEMBERS,
    ImageInput,
    ImageInputList,
    ImageInputs,
    at_most,
    image_identity,
)
from hinode.api.parsing import Boolean, Nullable, NullableInteger, NullableNumber, RequestSchema
from hinode.api.unread_fields import carries_reference
from hinode.api.values import Value, wrong_type
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.text_checks import MAX_PROMPT, check_storable
from hinode.kit.bounded_json import load_json
from hinode.kit.frozen import with_changes
from hinode.media.parameters import MAX_LORAS, Lora, ParameterValue, RenderParameters
from hinode.media.types import ArtifactRole, Style

MAX_REFERENCES = 8
_MAX_EXTRA, _MAX_EXTRA_TEXT, _MAX_EXTRA_NUMBER = 20, 200, 1e15
_MAX_TEXT = 20_000
_EXTRA_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_LORA_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_LORA_WEIGHTS = ("weight", "scale")
_MAX_WEIGHT = 2.0
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?([eE][+-]?[0-9]{1,2})?")
_BOOLEANS = {"true": True, "false": False}


def _storable(text: str) -> str:
    check_storable(text, "negative_prompt")
    return text


NegativePrompt = Annotated[str, Field(max_length=MAX_PROMPT), AfterValidator(_storable)]
StyleField = Nullable[Annotated[Style, Strict(False)]]
Guidance = NullableNumber[Annotated[float, Field(ge=0, le=20)]]


def _from_text(value: Value, name: str) -> Value:
    """Return what a JSON text spells, as forms of vLLM-Omni's clients send objects."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return value
    try:
        return cast("Value", load_json(value[:_MAX_TEXT]))
    except ValueError:
        rule = f"is not valid JSON of at most {_MAX_TEXT:,} characters"
        raise _invalid(name, rule) from None


def _invalid(name: str, rule: str) -> HinodeError:
    return HinodeError(ErrorCode.INVALID_VALUE, f"'{name}' {rule}.", param=name)


def _parse_loras(value: Value) -> tuple[Lora, ...]:
    given = _from_text(value, "lora")
    loras = [_lora(one) for one in (given if isinstance(given, list) else [given]) if one]
    if len(loras) > MAX_LORAS:
        raise _invalid("lora", f"has at most {MAX_LORAS} entries, not {len(loras)}")
    if len({one.name for one in loras}) != len(loras):
        raise _invalid("lora", "names a LoRA twice")
    return tuple(loras)


def _lora(value: Value) -> Lora:
    fields = {"name": value} if isinstance(value, str) else value
    if not isinstance(fields, dict):
        raise wrong_type("lora", "a name, or an object with 'name' and 'weight'", value)
    unknown = next((key for key in fields if key not in ("name", *_LORA_WEIGHTS)), None)
    if unknown is not None:
        raise _invalid(f"lora.{unknown[:40]}", "is not known: send the 'name' of a listed LoRA")
    name = fields.get("name")
    if not isinstance(name, str) or not _LORA_NAME.fullmatch(name):
        raise _invalid("lora.name", "is the name of a LoRA that the server lists")
    return Lora(name, _weight(fields))


def _weight(fields: Mapping[str, Value]) -> float:
    values = [fields[key] for key in _LORA_WEIGHTS if fields.get(key) not in (None, "")]
    weight = _spelled(values[0]) if values else 1.0
    is_number = isinstance(weight, int | float) and not isinstance(weight, bool)
    if len(values) > 1 or not is_number or not 0 <= weight <= _MAX_WEIGHT:  # type: ignore[operator]
        raise _invalid("lora.weight", f"is one number from 0 to {_MAX_WEIGHT:g}")
    return float(weight)  # type: ignore[arg-type]


def _parse_extra(value: Value) -> dict[str, ParameterValue]:
    fields = _from_text(value, "extra_params") or {}
    if not isinstance(fields, dict):
        raise wrong_type("extra_params", "an object", value)
    given = {name: one for name, one in sorted(fields.items()) if one is not None and one != ""}
    if len(given) > _MAX_EXTRA:
        raise _invalid("extra_params", f"has at most {_MAX_EXTRA} members, not {len(given)}")
    return {name: _extra(name, one) for name, one in given.items()}


def _extra(name: str, value: Value) -> ParameterValue:
    place = f"extra_params.{name[:64]}"
    if not _EXTRA_NAME.fullmatch(name):
        raise _invalid(place, "is not a name: letters, digits, '_', '-' and '.', at most 64")
    if carries_reference(name, value):
        raise _invalid(place, "carries a file, a reference or a callback, which is not taken")
    value = _spelled(value)
    if isinstance(value, str) and len(value) <= _MAX_EXTRA_TEXT:
        check_storable(value, place)
        return value
    if isinstance(value, int | float) and -_MAX_EXTRA_NUMBER <= value <= _MAX_EXTRA_NUMBER:
        return value
    rule = f"is a number, true, false or a text of at most {_MAX_EXTRA_TEXT} characters"
    raise _invalid(place, rule)


def _spelled(value: Value) -> Value:
    """Return the number or the boolean that a text spells: forms have only texts."""
    if not isinstance(value, str):
        return value
    if value.lower() in _BOOLEANS:
        return _BOOLEANS[value.lower()]
    if not _NUMBER.fullmatch(value):
        return value
    return int(value) if value.lstrip("+-").isdigit() else float(value)


_LORA_OBJECT = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "description": "Name of the LoRA, as the model lists it."},
        "weight": {"type": "number", "minimum": 0, "maximum": _MAX_WEIGHT, "default": 1},
    },
    "required": ["name"],
    "additionalProperties": False,
}
_LORA_SCHEMA = {
    "anyOf": [
        {"type": "string"},
        _LORA_OBJECT,
        {
            "type": "array",
            "maxItems": MAX_LORAS,
            "items": {"anyOf": [{"type": "string"}, _LORA_OBJECT]},
        },
    ]
}
_EXTRA_SCHEMA = {
    "type": "object",
    "maxProperties": _MAX_EXTRA,
    "additionalProperties": {
        "anyOf": [
            {"type": "number"},
            {"type": "boolean"},
            {"type": "string", "maxLength": _MAX_EXTRA_TEXT},
        ]
    },
}


class ParameterFields(RequestSchema):
    """Parameters of a video or an image that engines may take."""

    synonyms: ClassVar[Mapping[str, str]] = {"steps": "num_inference_steps"}

    negative_prompt: Nullable[NegativePrompt] = Field(
        default=None, description="Extension: what the result should not show."
    )
    num_inference_steps: NullableInteger[Annotated[int, Field(ge=1, le=200)]] = Field(
        default=None, description="Extension: number of denoising steps."
    )
    guidance_scale: Guidance = Field(
        default=None, description="Extension: how closely the prompt is followed."
    )
    guidance_scale_2: Guidance = Field(
        default=None, description="Extension: guidance of a model's second stage."
    )
    lora: Annotated[
        tuple[Lora, ...], PlainValidator(_parse_loras), WithJsonSchema(_LORA_SCHEMA)
    ] = Field(
        default=(),
        description="Extension: LoRAs by their names, with weights from 0 to 2; "
        "`GET /v1/videos/models` lists them.",
    )
    extra_params: Annotated[
        dict[str, Any], PlainValidator(_parse_extra), WithJsonSchema(_EXTRA_SCHEMA)
    ] = Field(
        default_factory=dict,
        description="Extension: further parameters by the names that the model's engine declares.",
    )

    def render_parameters(self) -> RenderParameters:
        """Return the parameters of the engine."""
        return RenderParameters(
            negative_prompt=self.negative_prompt,
            num_inference_steps=self.num_inference_steps,
            guidance_scale=self.guidance_scale,
            guidance_scale_2=self.guidance_scale_2,
            lora=self.lora,
            extra_params=self.extra_params,
        )


class VideoParameterFields(ParameterFields):
    """Parameters of a video that engines may take."""

    synonyms: ClassVar[Mapping[str, str]] = {
        **ParameterFields.synonyms,
        "generate_sound": "generate_audio",
    }

    num_frames: NullableInteger[Annotated[int, Field(ge=1, le=100_000)]] = Field(
        default=None,
        description="Extension: exact number of frames, instead of the length in seconds; for an "
        "extension those of the new part.",
        examples=[49],
    )
    fps: NullableInteger[Annotated[int, Field(ge=1, le=240)]] = Field(
        default=None, description="Extension: frames per second.", examples=[24]
    )
    generate_audio: Boolean = Field(
        default=None, description="Extension: false for a video without sound."
    )

    enable_frame_interpolation: Boolean = Field(
        default=None, description="Extension: add frames between the rendered ones."
    )
    frame_interpolation_exp: NullableInteger[Annotated[int, Field(ge=1, le=3)]] = Field(
        default=None,
        description="Extension: rounds of frame interpolation, each of which doubles the rate; 1 "
        "if only enabled.",
    )
    enable_upscaling: Boolean = Field(
        default=None, description="Extension: enlarge the rendered frames."
    )
    upscaling_scale: NullableInteger[Annotated[int, Field(ge=2, le=4)]] = Field(
        default=None, description="Extension: factor of both sides; 4 if only enabled."
    )

    def render_parameters(self) -> RenderParameters:
        """Return the parameters of the engine."""
        return with_changes(
            super().render_parameters(),
            num_frames=self.num_frames,
            fps=self.fps,
            generate_audio=self.generate_audio,
            frame_interpolation_exp=_enabled(
                self.enable_frame_interpolation, self.frame_interpolation_exp, 1
            ),
            upscaling_scale=_enabled(self.enable_upscaling, self.upscaling_scale, 4),
        )


def _enabled(enabled: bool | None, given: int | None, usual: int) -> int | None:
    """Return the value of a step: none if it is switched off, the usual one if only switched on."""
    if enabled is False:
        return None
    return given or usual if enabled else given


class VideoImageFields(RequestSchema):
    """Images besides the first frame that a video is made from."""

    synonyms: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("last_frame_image", "last_frame_url", "last_image"), "last_frame"),
        "input_references": "reference_images",
    }
    members: ClassVar[Mapping[str, frozenset[str]]] = {
        "last_frame": IMAGE_MEMBERS,
        "reference_images": IMAGE_MEMBERS,
    }

    last_frame: Annotated[ImageInputs, at_most(1)] = Field(
        default=(), description="Extension: image that the video ends on, sent as a first frame is."
    )
    reference_images: Annotated[ImageInputList, at_most(MAX_REFERENCES)] = Field(
        default=(),
        description=f"Extension: up to {MAX_REFERENCES} images of what the video shows.",
    )

    def images(self) -> list[tuple[ArtifactRole, ImageInput]]:
        """Return the images with their roles."""
        return [
            *((ArtifactRole.LAST_FRAME, one) for one in self.last_frame),
            *((ArtifactRole.REFERENCE, one) for one in self.reference_images),
        ]

    def images_identity(self) -> list[object]:
        """Return the images' part of an idempotency fingerprint."""
        return [
            [image_identity(one) for one in images]
            for images in (self.last_frame, self.reference_images)
        ]
