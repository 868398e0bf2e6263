"""In a decoding process: examines a client's clip and takes a picture of its middle."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from hinode.media.clip_check import detect_container
from hinode.media.decoding.protocol import Rejected, Reply, Request

MEMORY_BYTES = 2 * 2**30
_IMAGE_SIDE = 512
_SHARPNESS_SIDE = 480
_SHARPER_BY = 1.1
_NOISE_VARIANCE = 1.0


def run(request: Request) -> Reply:
    """Examine one clip. Raises :class:`Rejected` and the errors of the decoder."""
    path = Path(request["path"])
    name = _format(path)
    with av.open(str(path), format=name, options={"protocol_whitelist": "file"}) as container:
        if not container.streams.video:
            raise Rejected("The file has no video stream.")
        stream = container.streams.video[0]
        seconds = _seconds(container, stream)
        _check_bounds(stream, seconds, request)
        frame = _sharpest_frame(_frames_at(container, stream, _sample_times(request, seconds)))
        if request["image_path"]:
            _write_image(frame, Path(request["image_path"]))
        return {
            "width": frame.width,
            "height": frame.height,
            "seconds": seconds,
            "has_audio": bool(container.streams.audio),
            "container": name,
        }


def _format(path: Path) -> str:
    container = detect_container(path)
    if container is None:
        raise Rejected("A clip is an MP4, MOV, WebM or Matroska file.")
    return container.value


def _seconds(container: InputContainer, stream: VideoStream) -> float:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    if container.duration:
        return container.duration / av.time_base
    raise Rejected("The clip does not say how long it is.")


def _check_bounds(stream: VideoStream, seconds: float, request: Request) -> None:
    width, height = stream.codec_context.width, stream.codec_context.height
    if not 0 < max(width, height) <= request["max_side"] or min(width, height) < 1:
        raise Rejected(
            f"A clip's sides have at most {request['max_side']} pixels, not {width}x{height}."
        )
    if not 0 < seconds <= request["max_seconds"]:
        raise Rejected(
            f"A clip lasts at most {request['max_seconds']:g} seconds, not {seconds:.1f}."
        )


def _sample_times(request: Request, seconds: float) -> list[float]:
    """Return the times of the candidates in their order: the middles of equal parts."""
    begin, end = request["time_range"] or (0.0, seconds)
    if not 0 <= begin < end <= seconds + 0.5:
        raise Rejected(f"The range lies within the clip's {seconds:.1f} seconds, its start first.")
    parts, length = request["candidates"], min(end, seconds) - begin
    return [begin + length * (2 * part + 1) / (2 * parts) for part in range(parts)]


def _frames_at(
    container: InputContainer, stream: VideoStream, times: list[float]
) -> list[VideoFrame]:
    """Decode the frames at these times, from the key frame before the first of them."""
    base = stream.time_base or Fraction(1, 1000)
    container.seek(int(times[0] / base), stream=stream)
    found: list[VideoFrame] = []
    last: VideoFrame | None = None
    for frame in container.decode(stream):
        last = frame
        if frame.time is not None and frame.time >= times[len(found)]:
            found.append(frame)
            if len(found) == len(times):
                break
    if not found and last is not None:
        found.append(last)
    if not found:
        raise Rejected("The clip has no picture that can be decoded.")
    return found


def _sharpest_frame(frames: list[VideoFrame]) -> VideoFrame:
    """Return the sharpest frame; of those about as sharp, the one nearest to the middle."""
    middle = (len(frames) - 1) / 2
    order = sorted(range(len(frames)), key=lambda place: abs(place - middle))
    best, best_score = frames[order[0]], _sharpness(frames[order[0]])
    for place in order[1:]:
        score = _sharpness(frames[place])
        if score > best_score * _SHARPER_BY:
            best, best_score = frames[place], score
    return best


def _sharpness(frame: VideoFrame) -> float:
    """Return the variance of the Laplacian: high for sharp pictures, low for blurred ones."""
    scale = _SHARPNESS_SIDE / max(frame.width, frame.height)
    width, height = (max(4, round(side * scale)) for side in (frame.width, frame.height))
    small = frame.reformat(width=width, height=height, format="gray")
    grey = small.to_ndarray().astype(np.float32)
    around = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return float((around - 4 * grey[1:-1, 1:-1]).var()) + _NOISE_VARIANCE


def _write_image(frame: VideoFrame, path: Path) -> None:
    image = Image.fromarray(frame.to_ndarray(format="rgb24"))
    if frame.rotation:
        # Phones record sideways and store the rotation beside the frames.
        image = image.rotate(frame.rotation, expand=True)
    side = min(image.size)
    left = (image.width - side) // 2
    # Faces are above the middle more often than below it.
    top = (image.height - side) // 3
    square = image.crop((left, top, left + side, top + side))
    square.resize((_IMAGE_SIDE, _IMAGE_SIDE)).save(path)
