"""The shapes of this part's request bodies, as documentation; null means absent everywhere."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from hinode.media.types import Style

_PROMPT = Field(min_length=1, max_length=32_000, description="`@username` names a character.")


class SoraRequestBody(BaseModel):
    """A body; fields that are not named here are let pass."""

    model_config = ConfigDict(extra="allow", use_enum_values=True)


class FirstFrame(SoraRequestBody):
    """The picture that a video starts from."""

    kind: Literal["upload", "file", "generation"] = "upload"
    upload_id: str | None = Field(default=None, description="`media_…`, of an upload.")
    file_id: str | None = Field(default=None, description="`file_…`, of a pointed file.")
    generation_id: str | None = Field(default=None, description="`gen_…`, an own generation.")


class CreateVideo(SoraRequestBody):
    """A video, from words, a picture or another video."""

    prompt: str = _PROMPT
    kind: Literal["video"] | None = None
    model: str | None = Field(default=None, description="`sy_8` (default), `sy_ore`, any other.")
    orientation: Literal["portrait", "landscape", "square"] | None = Field(
        default=None, description="Else the picture's or the parent's, else `portrait`."
    )
    size: Literal["small", "medium", "large"] | None = Field(
        default=None, description="`small` by default; `medium` is the same; `large` is HD."
    )
    n_frames: Literal[150, 300, 450, 600, 750] | None = Field(
        default=None, description="In thirtieths of a second; else the parent's, else 300."
    )
    style_id: Style | Literal["vintage"] | None = None
    inpaint_items: list[FirstFrame] | None = Field(default=None, max_length=1)
    remix_target_id: str | None = Field(
        default=None, description="A post `s_…` of anybody's, or an own `gen_…` or `task_…`."
    )
    cameo_ids: list[str] | None = Field(default=None, description="Characters, `ch_…`.")
    nsamples: int | None = Field(default=None, ge=1, le=4, description="Generations of the task.")


class CreateStoryboard(CreateVideo):
    """A video of several shots."""

    prompt: str = Field(
        description="`Shot 1:`, `duration: 5.0sec` and `Scene: …` on lines of their own, for each."
    )


class ImageSource(SoraRequestBody):
    """A picture that others are made from."""

    type: Literal["image"] | None = None
    frame_index: int | None = None
    upload_media_id: str = Field(description="`media_…`, `file_…` or `gen_…`.")


class CreateImages(SoraRequestBody):
    """Pictures, from words or from others."""

    prompt: str = _PROMPT
    type: Literal["image_gen"] | None = None
    operation: Literal["simple_compose", "remix"] | None = None
    width: int | None = Field(default=None, ge=1, le=4_096, description="With `height`, a shape.")
    height: int | None = Field(default=None, ge=1, le=4_096)
    n_variants: int | None = Field(default=None, ge=1, le=4)
    n_frames: Literal[1] | None = None
    inpaint_items: list[ImageSource] | None = Field(default=None, max_length=4)


class ExtendVideo(SoraRequestBody):
    """The new part of a longer video."""

    user_prompt: str = _PROMPT
    extension_duration_s: Literal[10, 15]
    enable_rewrite: bool | None = Field(default=None, description="Accepted; nothing is rewritten.")


class EnhancePrompt(SoraRequestBody):
    """A prompt to expand."""

    prompt: str = _PROMPT
    expansion_level: Literal["short", "medium", "long"] | None = None
    duration_s: Literal[5, 10, 15, 20, 25] | None = None


def json_body(model: type[BaseModel]) -> dict[str, Any]:
    """Return the API document's words for a JSON body, which stand for themselves."""
    schema = model.model_json_schema()
    definitions = schema.pop("$defs", {})
    content = {"application/json": {"schema": _inlined(schema, definitions)}}
    return {"required": True, "content": content}


def _inlined(value: Any, definitions: dict[str, Any]) -> Any:
    """Put definitions in the place of what refers to them; none of ours refers to itself."""
    if isinstance(value, list):
        return [_inlined(one, definitions) for one in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        return _inlined(definitions[value["$ref"].rpartition("/")[2]], definitions)
    return {key: _inlined(one, definitions) for key, one in value.items()}


def form_body(*texts: str) -> dict[str, Any]:
    """Return the API document's words for a form with a picture and optional texts."""
    properties: dict[str, Any] = {"file": {"type": "string", "format": "binary"}}
    properties |= {name: {"type": "string"} for name in texts}
    schema = {"type": "object", "required": ["file"], "properties": properties}
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
