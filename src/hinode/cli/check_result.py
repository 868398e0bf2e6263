"""The result of a check of `hinode doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class CheckStatus(Enum):
    """The result of one check; the values are the words that `hinode doctor` prints."""

    OK = "ok"
    WARNING = "note"
    ERROR = "BAD"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check's result; ``remedy`` is empty when all is well."""

    name: str
    status: CheckStatus
    detail: str
    remedy: str = ""
