"""Which dialect answers a path with its errors, also where nothing is served."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from hinode.api.request_errors import RequestError
from hinode.core.errors import HinodeError


@dataclass(frozen=True, slots=True)
class DialectErrors:
    """The errors of one dialect. ``paths`` are its own, and everything below them."""

    paths: Sequence[str]
    studio_error: Callable[[HinodeError], Response]
    refusal: Callable[[RequestError], Response]

    def owns(self, path: str) -> bool:
        """Whether this dialect answers at a path below the application."""
        return any(path == own or path.startswith(f"{own}/") for own in self.paths)

    def answer(self, error: HinodeError | RequestError) -> Response:
        """Answer an error."""
        if isinstance(error, HinodeError):
            return self.studio_error(error)
        return self.refusal(error)


@dataclass(frozen=True, slots=True)
class DialectErrorTable:
    """All dialects; ``default`` answers wherever no other does."""

    default: DialectErrors
    others: Sequence[DialectErrors]

    def at(self, path: str) -> DialectErrors:
        """Return the dialect of a path."""
        return next((face for face in self.others if face.owns(path)), self.default)
