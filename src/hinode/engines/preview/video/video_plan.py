"""Choose how to render a video: a scene, a storyboard, a change or extension of another video."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from hinode.engines.base import JobAction, RenderSpec
from hinode.engines.preview.audio.ambience import SoundTrack
from hinode.engines.preview.audio.tracks import (
    CrossfadedTrack,
    ExtendedTrack,
    SourceTrack,
    TrackSegment,
)
from hinode.engines.preview.inputs import map_read_errors, open_first_frame, open_image
from hinode.engines.preview.scene.description import SceneDescription, describe_scene
from hinode.engines.preview.scene.scene import Scene
from hinode.engines.preview.video.encoder_thread import AudioTrack
from hinode.engines.preview.video.ending import EndingOnPicture, FrameSource
from hinode.engines.preview.video.extension import ExtendedVideo
from hinode.engines.preview.video.regrade import RegradedVideo
from hinode.engines.preview.video.scene_match import match_scene
from hinode.engines.preview.video.storyboard import Storyboard
from hinode.media.encode import SAMPLE_RATE
from hinode.media.video_reader import AudioReader, has_audio, read_frames


@dataclass(frozen=True, slots=True)
class VideoPlan:
    """The making of one output's frames and sound, each on a thread of its own.

    ``track`` is None for a video without sound.
    """

    frames: Callable[[], FrameSource]
    track: Callable[[], AudioTrack] | None


def plan_video(spec: RenderSpec, seed: int) -> VideoPlan:
    """Plan one output of ``spec``; nothing is drawn yet.

    Raises :class:`BadSource` and :class:`BadFirstFrame`.
    """
    plan = _whole(spec, seed)
    if spec.last_frame is not None:
        picture = open_image(spec.last_frame, spec.width, spec.height, "the last frame")
        begun = plan.frames
        plan = replace(plan, frames=lambda: EndingOnPicture(spec, begun(), picture))
    return plan if has_sound(spec) else replace(plan, track=None)


def has_sound(spec: RenderSpec) -> bool:
    """Return whether the video has sound: not where the request turns it off."""
    return spec.parameters.generate_audio is not False


def _whole(spec: RenderSpec, seed: int) -> VideoPlan:
    if spec.action is JobAction.EXTENSION and spec.source is not None:
        return _extension(spec, spec.source, seed)
    if spec.source is not None and not _is_redrawable(spec, spec.source, seed):
        return _regraded(spec, spec.source, seed)
    if spec.shots:
        return _storyboard(spec, seed)
    return _scene(spec, seed)


def _scene(spec: RenderSpec, seed: int) -> VideoPlan:
    description = _describe(spec, seed)
    picture = (
        open_first_frame(spec.first_frame, spec.width, spec.height) if spec.first_frame else None
    )
    return VideoPlan(
        lambda: Scene(spec, description, picture),
        lambda: SoundTrack(description, sample_count(spec)),
    )


def _describe(spec: RenderSpec, seed: int) -> SceneDescription:
    description = describe_scene(spec.prompt, seed, spec.prompt_history)
    if spec.action is JobAction.EDIT and spec.prompt_history:
        # An edit keeps the motion, whatever the prompt says of the camera.
        return replace(description, move=_parent_scene(spec, seed).move)
    return description


def _parent_scene(spec: RenderSpec, seed: int) -> SceneDescription:
    return describe_scene(spec.prompt_history[-1], seed, spec.prompt_history[:-1])


def _storyboard(spec: RenderSpec, seed: int) -> VideoPlan:
    storyboard = Storyboard(spec, seed)
    return VideoPlan(
        lambda: storyboard, lambda: CrossfadedTrack(_track_segments(storyboard, spec.fps))
    )


def _track_segments(storyboard: Storyboard, fps: int) -> list[TrackSegment]:
    return [
        TrackSegment(part.description, _sample_at(part.start, fps), _sample_at(part.stop, fps))
        for part in storyboard.shots
    ]


def _is_redrawable(spec: RenderSpec, source: Path, seed: int) -> bool:
    """Return whether the source shows the scene of its prompts.

    It does not when it began on a picture, was a storyboard, or was uploaded: then its own
    frames are worked on.
    """
    if not spec.prompt_history:
        return False
    with map_read_errors():
        first = next(read_frames(source, width=spec.width, height=spec.height, fps=spec.fps))
    scene = Scene(replace(spec, prompt=spec.prompt_history[-1]), _parent_scene(spec, seed), None)
    return match_scene(first, scene, 0) is not None


def _regraded(spec: RenderSpec, source: Path, seed: int) -> VideoPlan:
    description = describe_scene(spec.prompt, seed)
    with map_read_errors():
        sounds = has_audio(source)

    def track() -> AudioTrack:
        if sounds:
            return SourceTrack(AudioReader(source))
        return SoundTrack(description, sample_count(spec))

    return VideoPlan(lambda: RegradedVideo(spec, source, description), track)


def _extension(spec: RenderSpec, source: Path, seed: int) -> VideoPlan:
    with map_read_errors():
        has_audio(source)
    description = describe_scene(spec.prompt, seed, spec.prompt_history)
    kept = _sample_at(spec.kept_frames, spec.fps)
    return VideoPlan(
        lambda: ExtendedVideo(spec, source, seed),
        lambda: ExtendedTrack(AudioReader(source), description, kept, sample_count(spec)),
    )


def sample_count(spec: RenderSpec) -> int:
    """Return how many samples one output has."""
    return _sample_at(spec.frames, spec.fps)


def _sample_at(frame: int, fps: int) -> int:
    return frame * SAMPLE_RATE // fps
