"""Build the requests of the dialect from a render spec; no network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hinode.engines.base import MediaKind, RenderSpec
from hinode.engines.remote.errors import FailureKind, UpstreamError
from hinode.engines.remote.parameters import parameter_fields
from hinode.engines.sora.params import (
    ImageParams,
    Inpaint,
    InpaintKind,
    StoryboardParams,
    VideoParams,
)

_FPS = 30
# Lengths and large sizes that clients of this dialect offer; compare the catalog's `sy_8`.
_FRAMES = (150, 300, 450, 600, 750)
_MAX_STANDARD_FRAMES = 600
_LARGE = {(704, 1280), (1280, 704), (960, 960)}
_LARGE_SIDE = 1000
_EXTENSIONS = (10, 15)
_PRO_WORDS = ("ore", "pro")


@dataclass(frozen=True, slots=True)
class SoraSubmission:
    """A job in the dialect's words; ``picture`` is a local file that it starts from."""

    params: VideoParams | ImageParams
    picture: Path | None
    pro: bool


def submission_from(spec: RenderSpec, model: str, *, sends_seed: bool = False) -> SoraSubmission:
    """Return the request. Raises :class:`UpstreamError` for what the dialect has no words for."""
    if spec.kind is MediaKind.IMAGE:
        return _image(spec)
    params = VideoParams(
        prompt=timeline(spec) if spec.shots else spec.prompt,
        n_frames=nearest_frame_count(spec.seconds),
        orientation=_orientation(spec),
        size="large" if _is_large(spec) else "small",
        model=model,
        style_id=None if spec.style is None else spec.style.value,
        parameters={
            **parameter_fields(spec),
            **spec.parameters.extra_params,
            **({"seed": spec.seed} if sends_seed else {}),
        },
    )
    pro = params.size == "large" or params.n_frames > _MAX_STANDARD_FRAMES or _is_pro(model)
    return SoraSubmission(params, spec.first_frame, pro)


def with_image(submission: SoraSubmission, media_id: str) -> VideoParams | ImageParams:
    """Return the params, starting from an upload."""
    if isinstance(submission.params, ImageParams):
        old = submission.params
        return ImageParams(old.prompt, old.width, old.height, old.variants, media_id)
    return _with(submission.params, inpaint=(Inpaint(InpaintKind.UPLOAD, media_id),))


def with_target(params: VideoParams, target: str) -> VideoParams:
    """Return the parameters as a remix of a video there."""
    return _with(params, target=target)


def storyboard(params: VideoParams) -> StoryboardParams:
    """Return the params, whose prompt is a timeline, as a storyboard."""
    return StoryboardParams(params)


def extension_seconds(spec: RenderSpec) -> int:
    """Return the seconds of an extension. Raises :class:`UpstreamError` for other lengths."""
    seconds = round((spec.frames - spec.kept_frames) / spec.fps)
    if seconds not in _EXTENSIONS:
        raise UpstreamError(
            FailureKind.INVALID_REQUEST, "A video is made longer there by 10 or 15 seconds."
        )
    return seconds


def nearest_frame_count(seconds: float) -> int:
    """Return the frames of the nearest length, the longer one of two equally near."""
    return min(_FRAMES, key=lambda frames: (abs(frames - seconds * _FPS), -frames))


def timeline(spec: RenderSpec) -> str:
    """Return the shots as a prompt of the dialect, the job's own prompt at its end."""
    shots: Sequence[str] = [
        f"Shot {number}:\nduration: {shot.frames / spec.fps:.1f}sec\nScene: {shot.prompt}"
        for number, shot in enumerate(spec.shots, 1)
    ]
    text = "\n\n".join(shots)
    if not spec.prompt.strip():
        return text
    return f"current timeline:\n{text}\n\ninstructions:\n{spec.prompt}"


def _image(spec: RenderSpec) -> SoraSubmission:
    if spec.mask is not None or len(spec.references) > 1:
        raise UpstreamError(
            FailureKind.INVALID_REQUEST, "Pictures there start from one picture, without a mask."
        )
    params = ImageParams(spec.prompt, spec.width, spec.height, spec.outputs)
    return SoraSubmission(params, spec.references[0] if spec.references else None, pro=False)


def _with(
    params: VideoParams, *, inpaint: tuple[Inpaint, ...] = (), target: str | None = None
) -> VideoParams:
    return replace(
        params,
        inpaint=inpaint or params.inpaint,
        remix_target_id=target or params.remix_target_id,
    )


def _orientation(spec: RenderSpec) -> str:
    if spec.width == spec.height:
        return "square"
    return "landscape" if spec.width > spec.height else "portrait"


def _is_large(spec: RenderSpec) -> bool:
    """Return ``small`` up to 720p, and ``large`` for the dialect's large sizes and above.

    Clients of the dialect do the same: their standard models send ``small``.
    """
    size = (spec.width, spec.height)
    return size in _LARGE or min(size) >= _LARGE_SIDE


def _is_pro(model: str) -> bool:
    return any(word in model.lower().replace("-", "_").split("_") for word in _PRO_WORDS)
