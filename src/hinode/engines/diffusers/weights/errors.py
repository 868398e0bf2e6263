"""A model that cannot be used, or cannot be got."""

from __future__ import annotations

from hinode.engines.base import EngineError


class UnusableModel(EngineError):
    """A folder or file that cannot be rendered with; the message has the remedy."""

    def __init__(self, message: str) -> None:
        super().__init__("model_unusable", message)


class ModelMissing(EngineError):
    """A model that is not on this machine; the message has the command that gets it."""

    def __init__(self, message: str) -> None:
        super().__init__("model_missing", message)
