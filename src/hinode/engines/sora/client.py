"""A client of the Sora backend dialect: one method per endpoint, in five groups.

It is the other side of :mod:`hinode.api.sora` and shares nothing with it, so that a mistake
cannot hide in both. Facts on the wire are those of the seed document of this dialect and of its
clients. It says honestly who it is and repeats nothing on its own.
"""

from __future__ import annotations

from hinode.engines.sora.account import AccountCalls
from hinode.engines.sora.calls import Calls
from hinode.engines.sora.cast import CastCalls
from hinode.engines.sora.creation import CreationCalls
from hinode.engines.sora.drafts import DraftCalls
from hinode.engines.sora.link import Link
from hinode.engines.sora.posts import PostCalls


class SoraClient:
    """One account on one server; cheap to make, many share a :class:`Link`.

    ``sentinel`` goes with creates as ``openai-sentinel-token``, for servers that ask for some
    value; None: it is not sent.
    """

    __slots__ = ("account", "cast", "creation", "drafts", "posts")

    def __init__(self, link: Link, access_token: str, *, sentinel: str | None = None) -> None:
        calls = Calls(link, access_token, sentinel)
        self.account = AccountCalls(calls)
        self.creation = CreationCalls(calls)
        self.drafts = DraftCalls(calls)
        self.cast = CastCalls(calls)
        self.posts = PostCalls(calls)
