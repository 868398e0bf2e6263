"""The bounds of heads, bodies and connections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HeadLimits:
    """Bounds on the head of one request."""

    bytes: int
    fields: int
    seconds: float


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """Bounds on the body of one request: its size, and how slowly it may arrive.

    In every ``window`` seconds ``rate`` bytes must arrive for each second; 0: any number.
    """

    bytes: int
    rate: int
    window: float

    def is_too_slow(self, received: int) -> bool:
        """Return whether so many bytes are too few for one window."""
        return received < self.rate * self.window


@dataclass(slots=True)
class ConnectionLimits:
    """Bounds on open connections, in all and from one address; more are closed at once.

    ``exempt`` are addresses that many clients share, such as that of a proxy.
    """

    total: int
    per_address: int
    exempt: Callable[[str], bool]
    _open: Counter[str] = field(default_factory=Counter)

    def opened(self, address: str, open_now: int) -> bool:
        """Count a connection, one of ``open_now``; return whether it may stay."""
        self._open[address] += 1
        if open_now > self.total:
            return False
        few = not address or self._open[address] <= self.per_address
        return few or self.exempt(address)

    def closed(self, address: str) -> None:
        """Count the end of a connection."""
        self._open[address] -= 1
        if not self._open[address]:
            del self._open[address]


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """All bounds of a server."""

    heads: HeadLimits
    bodies: BodyLimits
    connections: ConnectionLimits
