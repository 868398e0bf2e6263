"""Where the camera stands at each moment: smooth paths from the moves that a prompt names."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hinode.engines.preview.words import Move


@dataclass(frozen=True, slots=True)
class View:
    """The camera at one moment.

    ``x`` and ``rise`` are how far it has gone right and up, in pixels of the nearest layer;
    ``zoom`` magnifies the nearest layer; ``turn`` moves the background against the foreground.
    """

    x: float = 0.0
    rise: float = 0.0
    zoom: float = 1.0
    turn: float = 0.0


@dataclass(frozen=True, slots=True)
class Leg:
    """One move of the camera: from when on, and in how many seconds it is made."""

    start: float
    move: Move
    total: float


@dataclass(frozen=True, slots=True)
class Path:
    """The moves of one clip, each going on from where the one before it has come."""

    legs: tuple[Leg, ...]

    @classmethod
    def of(cls, move: Move, total: float) -> Path:
        """A single move."""
        return cls((Leg(0.0, move, total),))

    @property
    def total(self) -> float:
        """How long the first move takes: the pace of everything that crosses the picture."""
        return self.legs[0].total

    @property
    def turns(self) -> bool:
        """Whether any move goes around the subject."""
        return any(leg.move is Move.ORBIT for leg in self.legs)

    def view(self, seconds: float, unit: float) -> View:
        """The view after ``seconds``. ``unit`` is pixels per 1/720 of the short side."""
        first, *later = self.legs
        view = view_at(first.move, seconds, first.total, unit)
        for leg in later:
            begun = view_at(leg.move, 0.0, leg.total, unit)
            gone = view_at(leg.move, max(0.0, seconds - leg.start), leg.total, unit)
            view = View(
                view.x + gone.x - begun.x,
                view.rise + gone.rise - begun.rise,
                view.zoom * gone.zoom / begun.zoom,
                view.turn + gone.turn - begun.turn,
            )
        return view


def view_at(move: Move, seconds: float, total: float, unit: float) -> View:
    """The view after ``seconds`` of ``total``. ``unit`` is pixels per 1/720 of the short side."""
    # What has an end rests there: an extended clip goes on after it.
    part = min(1.0, seconds / max(total, 1e-6))
    smooth = part * part * (3 - 2 * part)
    # A longer clip goes further, up to where the scene still looks right.
    reach = min(1.0, 0.35 + total / 15)
    if move is Move.STATIC:
        return View()
    if move in {Move.PAN_LEFT, Move.PAN_RIGHT}:
        sign = 1 if move is Move.PAN_RIGHT else -1
        return View(x=sign * 120 * unit * seconds)
    if move is Move.ZOOM_IN:
        return View(x=6 * unit * seconds, zoom=1 + 0.45 * reach * smooth)
    if move is Move.ZOOM_OUT:
        return View(x=6 * unit * seconds, zoom=1 + 0.45 * reach * (1 - smooth))
    if move is Move.ORBIT:
        angle = 2 * math.pi * seconds / 16
        return View(x=300 * unit * math.sin(angle), turn=70 * unit * seconds, zoom=1.04)
    if move is Move.DRONE:
        lift = 110 * unit * reach * smooth
        return View(x=26 * unit * seconds, rise=lift, zoom=1 + 0.22 * reach * smooth)
    if move in {Move.TILT_UP, Move.TILT_DOWN}:
        sign = 1 if move is Move.TILT_UP else -1
        return View(x=8 * unit * seconds, rise=sign * 130 * unit * reach * (smooth - 0.5))
    return View(x=34 * unit * seconds, zoom=1 + 0.05 * reach * smooth)
