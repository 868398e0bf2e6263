"""The header of test mode, which requests simulated failures.

Its value is a list of directives: ``hinode-simulate: slow=2, fail=server_error``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hinode.core.auth.simulation import Simulation
from hinode.core.errors import ErrorCode, HinodeError

HEADER = "hinode-simulate"
MODERATED = "moderation_blocked"
"""OpenAI's error code of jobs that the content policy rejected."""

LONGEST_SLOW, MOST_FLAKY = 600.0, 100

_CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_SECONDS = re.compile(r"[0-9]{1,4}(\.[0-9]{1,3})?")
_COUNT = re.compile(r"[0-9]{1,3}")
_WITH_VALUE = ("fail", "slow", "flaky")
_ALONE = ("refuse", "stall", "expire")
_ENDS = ("fail", "refuse", "stall")
_WORDS = "fail=<code>, refuse, slow=<seconds>, stall, flaky=<n>, expire"


@dataclass(frozen=True, slots=True)
class SimulatedTrouble:
    """The requested failures: of created jobs, and the number of requests to fail first."""

    simulation: Simulation
    flaky: int


def read_trouble(header: str) -> SimulatedTrouble:
    """Parse the header's value. Raises :class:`HinodeError` for an invalid directive."""
    words = _split(header)
    ends = [word for word in _ENDS if word in words]
    if len(ends) > 1:
        raise _bad(f"{' and '.join(ends)} exclude each other: a job ends once.")
    simulation = Simulation(
        fail_code=MODERATED if "refuse" in words else _code(words.get("fail")),
        slow_seconds=_slow(words.get("slow")),
        stall="stall" in words,
        expire="expire" in words,
    )
    return SimulatedTrouble(simulation, _flaky(words.get("flaky")))


def _split(header: str) -> dict[str, str]:
    words: dict[str, str] = {}
    for item in header.split(","):
        name, equals, value = (part.strip() for part in item.partition("="))
        name = name.lower()
        if name not in _WITH_VALUE + _ALONE:
            raise _bad(f"'{item.strip()[:40]}' is no trouble that can be simulated.")
        if name in words:
            raise _bad(f"'{name}' comes twice.")
        if bool(equals) is (name in _ALONE):
            raise _bad(f"'{name}' takes {'no' if name in _ALONE else 'a'} value.")
        words[name] = value
    return words


def _code(value: str | None) -> str | None:
    if value is not None and not _CODE.fullmatch(value):
        raise _bad("The code of 'fail' has 1 to 64 letters, digits, '_', '.' or '-'.")
    return value


def _slow(value: str | None) -> float:
    if value is None:
        return 0.0
    seconds = float(value) if _SECONDS.fullmatch(value) else 0.0
    if not 0 < seconds <= LONGEST_SLOW:
        raise _bad(f"'slow' is more than 0 and at most {LONGEST_SLOW:g} seconds.")
    return seconds


def _flaky(value: str | None) -> int:
    if value is None:
        return 0
    count = int(value) if _COUNT.fullmatch(value) else 0
    if not 1 <= count <= MOST_FLAKY:
        raise _bad(f"'flaky' is 1 to {MOST_FLAKY} requests.")
    return count


def _bad(message: str) -> HinodeError:
    return HinodeError(
        ErrorCode.INVALID_VALUE, message, param=HEADER, hint=f"The words are: {_WORDS}."
    )
