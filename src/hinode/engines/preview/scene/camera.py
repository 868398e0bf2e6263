"""The camera's position at each moment: smooth paths from the moves that a prompt names."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hinode.engines.preview.scene.terms import CameraMove


@dataclass(frozen=True, slots=True)
class CameraView:
    """The camera at one moment.

    ``x`` and ``y`` are how far it has gone right and up, in pixels of the nearest layer;
    ``zoom`` magnifies the nearest layer; ``parallax`` moves the background against the foreground.
    """

    x: float = 0.0
    y: float = 0.0
    zoom: float = 1.0
    parallax: float = 0.0


@dataclass(frozen=True, slots=True)
class CameraSegment:
    """One move of the camera: from when on, and in how many seconds it is made."""

    start: float
    move: CameraMove
    duration: float


@dataclass(frozen=True, slots=True)
class CameraPath:
    """The moves of one clip, each going on from where the one before it has come."""

    segments: tuple[CameraSegment, ...]

    @classmethod
    def of(cls, move: CameraMove, total: float) -> CameraPath:
        """Return a single move."""
        return cls((CameraSegment(0.0, move, total),))

    @property
    def first_duration(self) -> float:
        """Return how long the first move takes: the pace of everything that crosses the picture."""
        return self.segments[0].duration

    @property
    def orbits(self) -> bool:
        """Return whether any move goes around the subject."""
        return any(segment.move is CameraMove.ORBIT for segment in self.segments)

    def view(self, seconds: float, unit: float) -> CameraView:
        """Return the view after ``seconds``. ``unit`` is pixels per 1/720 of the short side."""
        first, *later = self.segments
        view = view_at(first.move, seconds, first.duration, unit)
        for segment in later:
            begun = view_at(segment.move, 0.0, segment.duration, unit)
            gone = view_at(segment.move, max(0.0, seconds - segment.start), segment.duration, unit)
            view = CameraView(
                view.x + gone.x - begun.x,
                view.y + gone.y - begun.y,
                view.zoom * gone.zoom / begun.zoom,
                view.parallax + gone.parallax - begun.parallax,
            )
        return view


def view_at(move: CameraMove, seconds: float, total: float, unit: float) -> CameraView:
    """Return the view after ``seconds``. ``unit`` is pixels per 1/720 of the short side."""
    # A move that has ended stays at its end: an extended clip goes on after it.
    part = min(1.0, seconds / max(total, 1e-6))
    smooth = part * part * (3 - 2 * part)
    # A longer clip goes further, up to where the scene still looks right.
    reach = min(1.0, 0.35 + total / 15)
    if move is CameraMove.STATIC:
        return CameraView()
    if move in {CameraMove.PAN_LEFT, CameraMove.PAN_RIGHT}:
        sign = 1 if move is CameraMove.PAN_RIGHT else -1
        return CameraView(x=sign * 120 * unit * seconds)
    if move is CameraMove.ZOOM_IN:
        return CameraView(x=6 * unit * seconds, zoom=1 + 0.45 * reach * smooth)
    if move is CameraMove.ZOOM_OUT:
        return CameraView(x=6 * unit * seconds, zoom=1 + 0.45 * reach * (1 - smooth))
    if move is CameraMove.ORBIT:
        angle = 2 * math.pi * seconds / 16
        return CameraView(x=300 * unit * math.sin(angle), parallax=70 * unit * seconds, zoom=1.04)
    if move is CameraMove.DRONE:
        lift = 110 * unit * reach * smooth
        return CameraView(x=26 * unit * seconds, y=lift, zoom=1 + 0.22 * reach * smooth)
    if move in {CameraMove.TILT_UP, CameraMove.TILT_DOWN}:
        sign = 1 if move is CameraMove.TILT_UP else -1
        return CameraView(x=8 * unit * seconds, y=sign * 130 * unit * reach * (smooth - 0.5))
    return CameraView(x=34 * unit * seconds, zoom=1 + 0.05 * reach * smooth)
