"""A client of the Sora backend dialect: one method per endpoint, in five groups.

It is the counterpart of :mod:`hinode.api.sora` and shares nothing with it, so that no mistake is in
both. Facts on the wire are those of the seed document of this dialect and of its clients. Its user
agent is Hinode; it retries nothing on its own.
"""

from __future__ import annotations

from hinode.engines.sora.account import AccountApi
from hinode.engines.sora.api_client import ApiClient
from hinode.engines.sora.characters import CharacterApi
from hinode.engines.sora.creation import CreationApi
from hinode.engines.sora.drafts import DraftApi
from hinode.engines.sora.posts import PostApi
from hinode.engines.sora.transport import HttpTransport


class SoraClient:
    """One account on one server; cheap to make, many share a :class:`HttpTransport`.

    ``sentinel`` goes with creates as ``openai-sentinel-token``, for servers that require
    one; None: it is not sent.
    """

    __slots__ = ("account", "characters", "creation", "drafts", "posts")

    def __init__(
        self, transport: HttpTransport, access_token: str, *, sentinel: str | None = None
    ) -> None:
        api = ApiClient(transport, access_token, sentinel)
        self.account = AccountApi(api)
        self.creation = CreationApi(api)
        self.drafts = DraftApi(api)
        self.characters = CharacterApi(api)
        self.posts = PostApi(api)
