"""Where the OpenAI dialect carries its API key."""

from hinode.api.auth import secret_of

__all__ = ["secret_of"]
