"""The table `[text_model]`."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from hinode.kit.addresses import is_own_host
from hinode.kit.proxy import check_proxy


class TextModelSettings(BaseModel):
    """A server with an OpenAI-compatible chat API whose model writes texts: prompts and titles."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(
        default="",
        pattern=r"^(https?://[^\s]+)?$",
        description="Its base URL, such as http://127.0.0.1:11434/v1; empty: no model is used.",
    )
    model: str = Field(default="", description="Name of the model there.")
    key: str = Field(default="", repr=False, description="API key for it; empty: none is sent.")
    key_env: str = Field(default="", description="Environment variable with the key, not `key`.")
    proxy: Annotated[str, AfterValidator(check_proxy)] = Field(
        default="",
        repr=False,
        description="Proxy to it, unless its address is private; empty: none.",
    )
    timeout_seconds: float = Field(
        default=20.0, gt=0, le=120, description="Seconds an answer may take."
    )
    hosted: bool | None = Field(
        default=None,
        description="Whether texts leave your own machines for it; unset: yes, unless its address "
        "is private. Then `local_only` accounts and keys do without it.",
    )

    @property
    def is_hosted(self) -> bool:
        """True where texts may leave the operator's own machines, as for engines."""
        own = is_own_host(urlsplit(self.url).hostname or "")
        return not own if self.hosted is None else self.hosted
