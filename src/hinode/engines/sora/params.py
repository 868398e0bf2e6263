"""Request bodies of the calls that create something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Body = dict[str, object]


class InpaintKind(StrEnum):
    """The kind of input that a video starts from; the value is the wire's ``kind``."""

    UPLOAD = "upload"
    FILE = "file"
    GENERATION = "generation"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class Inpaint:
    """An input on the server that a video starts from, by its kind and id."""

    kind: InpaintKind
    id: str

    def body(self) -> Body:
        """Return it as JSON: the key of the id is named after the kind."""
        return {"kind": self.kind.value, f"{self.kind.value}_id": self.id}


@dataclass(frozen=True, slots=True)
class VideoParams:
    """A video: 30 frames are a second; ``size`` is ``small`` or ``large``.

    ``remix_target_id`` is the post (``s_…``) that is changed. Characters are named in the prompt
    as ``@username``. ``parameters`` are further fields, which the operator names.
    """

    prompt: str
    n_frames: int
    orientation: str = "landscape"
    size: str = "small"
    model: str = "sy_8"
    style_id: str | None = None
    inpaint: tuple[Inpaint, ...] = ()
    remix_target_id: str | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)

    def body(self) -> Body:
        """Return the body of ``/nf/create``."""
        body: Body = {
            "kind": "video",
            "prompt": self.prompt,
            "orientation": self.orientation,
            "size": self.size,
            "n_frames": self.n_frames,
            "model": self.model,
            "inpaint_items": [one.body() for one in self.inpaint],
            "style_id": self.style_id,
            **self.parameters,
        }
        if self.remix_target_id is not None:
            body |= {
                "remix_target_id": self.remix_target_id,
                "cameo_ids": [],
                "cameo_replacements": {},
            }
        return body


_STORYBOARD_NULLS = (
    "storyboard_id",
    "metadata",
    "cameo_ids",
    "cameo_replacements",
    "audio_caption",
    "audio_transcript",
    "video_caption",
)


@dataclass(frozen=True, slots=True)
class StoryboardParams:
    """A video whose prompt is a list of shots: ``Shot 1:``, ``duration: 5.0sec``, ``Scene: …``."""

    video: VideoParams
    title: str = "Draft your video"

    def body(self) -> Body:
        """Return the body of ``/nf/create/storyboard``, with all fields of the seed document."""
        nulls: Body = dict.fromkeys((*_STORYBOARD_NULLS, "remix_target_id"))
        return {**nulls, **self.video.body(), "title": self.title}


@dataclass(frozen=True, slots=True)
class ImageParams:
    """Pictures of ``width`` × ``height``, from a prompt or from an uploaded one (``media_id``)."""

    prompt: str
    width: int = 360
    height: int = 360
    variants: int = 1
    media_id: str | None = None

    def body(self) -> Body:
        """Return the body of ``/video_gen``."""
        given: Mapping[str, object] = {
            "type": "image",
            "frame_index": 0,
            "upload_media_id": self.media_id,
        }
        return {
            "type": "image_gen",
            "operation": "remix" if self.media_id else "simple_compose",
            "prompt": self.prompt,
            "width": self.width,
            "height": self.height,
            "n_variants": self.variants,
            "n_frames": 1,
            "inpaint_items": [given] if self.media_id else [],
        }


@dataclass(frozen=True, slots=True)
class CharacterParams:
    """The parameters with which a processed upload becomes a character."""

    cameo_id: str
    username: str
    display_name: str
    picture_pointer: str
    instructions: str | None = None

    def body(self) -> Body:
        """Return the body of ``/characters/finalize``."""
        told: Body | None = None
        if self.instructions is not None:
            told = {"value": [{"type": "text", "value": self.instructions}]}
        return {
            "cameo_id": self.cameo_id,
            "username": self.username,
            "display_name": self.display_name,
            "profile_asset_pointer": self.picture_pointer,
            "instruction_set": told,
            "safety_instruction_set": None,
        }
