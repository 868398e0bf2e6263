"""Where the OpenAI dialect carries its API key."""

from hinode.api.bearer import secret_of

__all__ = ["secret_of"]
