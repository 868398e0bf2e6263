"""From what is to be rendered to what is asked of a server of the dialect; reads no network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hinode.engines.base import MediaKind, RenderSpec
from hinode.engines.remote.failures import Fault, UpstreamError
from hinode.engines.sora.wishes import ImageWish, Inpaint, InpaintKind, StoryboardWish, VideoWish

_FPS = 30
# Lengths and large canvases that programs for this dialect offer; see the catalog's `sy_8`.
_FRAMES = (150, 300, 450, 600, 750)
_LONGEST_PLAIN = 600
_LARGE = {(704, 1280), (1280, 704), (960, 960)}
_LARGE_SIDE = 1000
_EXTENSIONS = (10, 15)
_PRO_WORDS = ("ore", "pro")


@dataclass(frozen=True, slots=True)
class Asked:
    """A job in the dialect's words; ``picture`` is a local file that it starts from."""

    wish: VideoWish | ImageWish
    picture: Path | None
    pro: bool


def asked_of(spec: RenderSpec, model: str) -> Asked:
    """Return what to ask for. Raises :class:`UpstreamError` for what the dialect cannot say."""
    if spec.kind is MediaKind.IMAGE:
        return _image(spec)
    wish = VideoWish(
        prompt=timeline(spec) if spec.shots else spec.prompt,
        n_frames=frames_near(spec.seconds),
        orientation=_orientation(spec),
        size="large" if _is_large(spec) else "small",
        model=model,
        style_id=None if spec.style is None else spec.style.value,
    )
    pro = wish.size == "large" or wish.n_frames > _LONGEST_PLAIN or _is_pro(model)
    return Asked(wish, spec.first_frame, pro)


def with_picture(asked: Asked, media_id: str) -> VideoWish | ImageWish:
    """Return the wish, starting from an upload."""
    if isinstance(asked.wish, ImageWish):
        old = asked.wish
        return ImageWish(old.prompt, old.width, old.height, old.variants, media_id)
    return _replaced(asked.wish, inpaint=(Inpaint(InpaintKind.UPLOAD, media_id),))


def with_target(wish: VideoWish, target: str) -> VideoWish:
    """Return the wish as a remix of a video there."""
    return _replaced(wish, target=target)


def storyboard(wish: VideoWish) -> StoryboardWish:
    """Return the wish, whose prompt is a timeline, as a storyboard."""
    return StoryboardWish(wish)


def added_seconds(spec: RenderSpec) -> int:
    """Return by how much a video is extended. Raises :class:`UpstreamError` for other lengths."""
    seconds = round((spec.frames - spec.kept_frames) / spec.fps)
    if seconds not in _EXTENSIONS:
        raise UpstreamError(Fault.REQUEST, "A video is made longer there by 10 or 15 seconds.")
    return seconds


def frames_near(seconds: float) -> int:
    """Return the frame count of the length that comes nearest, the longer one of two."""
    return min(_FRAMES, key=lambda frames: (abs(frames - seconds * _FPS), -frames))


def timeline(spec: RenderSpec) -> str:
    """Return the shots as a prompt of the dialect, what was said besides at its end."""
    shots: Sequence[str] = [
        f"Shot {number}:\nduration: {shot.frames / spec.fps:.1f}sec\nScene: {shot.prompt}"
        for number, shot in enumerate(spec.shots, 1)
    ]
    text = "\n\n".join(shots)
    if not spec.prompt.strip():
        return text
    return f"current timeline:\n{text}\n\ninstructions:\n{spec.prompt}"


def _image(spec: RenderSpec) -> Asked:
    if spec.mask is not None or len(spec.references) > 1:
        raise UpstreamError(Fault.REQUEST, "Pictures there start from one picture, without a mask.")
    wish = ImageWish(spec.prompt, spec.width, spec.height, spec.outputs)
    return Asked(wish, spec.references[0] if spec.references else None, pro=False)


def _replaced(
    wish: VideoWish, *, inpaint: tuple[Inpaint, ...] = (), target: str | None = None
) -> VideoWish:
    return VideoWish(
        wish.prompt,
        wish.n_frames,
        wish.orientation,
        wish.size,
        wish.model,
        wish.style_id,
        inpaint or wish.inpaint,
        target or wish.remix_target_id,
    )


def _orientation(spec: RenderSpec) -> str:
    if spec.width == spec.height:
        return "square"
    return "landscape" if spec.width > spec.height else "portrait"


def _is_large(spec: RenderSpec) -> bool:
    """720p is what the dialect's small videos are sold as; its own large sizes and more are large.

    Programs for the dialect do the same: their standard models ask for ``small``.
    """
    size = (spec.width, spec.height)
    return size in _LARGE or min(size) >= _LARGE_SIDE


def _is_pro(model: str) -> bool:
    return any(word in model.lower().replace("-", "_").split("_") for word in _PRO_WORDS)
