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


def view_at(move: Move, seconds: float, total: float, unit: float) -> View:
    """The view after ``seconds`` of ``total``. ``unit`` is pixels per 1/720 of the short side."""
    part = seconds / max(total, 1e-6)
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
