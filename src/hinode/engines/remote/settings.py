"""Settings of an upstream server, an ``[engines.NAME]`` table; no HTTP here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    StringConstraints,
    field_validator,
    model_validator,
)

from hinode.engines.kinds import KindSettings
from hinode.kit.addresses import is_own_host
from hinode.kit.proxy import check_proxy
from hinode.media.parameters import Parameter
from hinode.media.types import DigitalSourceType

Scalar = str | int | float | bool
ParameterName = Literal[
    "seed", "num_frames", "fps", "negative_prompt", "num_inference_steps", "guidance_scale",
    "guidance_scale_2", "generate_audio", "lora",
]  # fmt: skip
ExtraName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,63}$")]
ORIGIN_RULE = (
    'set it to "trained" if a trained model renders there, or to "algorithm" if a program draws '
    "without one, as the preview engine does; it is signed into every file and has no default"
)


class ServerSettings(KindSettings):
    """Settings of a server that renders, whatever is said to it."""

    url: str = Field(description="Base URL of the upstream's API.")
    key: SecretStr = Field(default=SecretStr(""), description="API key for the upstream.")
    key_env: str = Field(default="", description="Environment variable that holds the key.")
    key_file: Path | None = Field(default=None, description="File that holds the key.")
    proxy: Annotated[str, AfterValidator(check_proxy)] = Field(
        default="",
        repr=False,
        description="Proxy to the upstream and its results, http://, https:// or socks5://, with "
        "user:password@ if it asks for them; empty: none.",
    )
    hosted: bool | None = Field(
        default=None,
        description="Prompts and pictures leave your machines: no job of `local_only` accounts and "
        "keys goes there. Else false for a `url` and `proxy` with `localhost` or a private "
        "address, true for all others.",
    )
    connections: int = Field(
        default=64, ge=1, le=1000, description="Connections to the upstream at once."
    )
    response_timeout_seconds: float = Field(
        default=60.0, gt=0, le=3600, description="Longest time that a response may take."
    )
    download_timeout_seconds: float = Field(
        default=900.0,
        gt=0,
        le=86_400,
        description="Longest time that the download of a result may take.",
    )
    poll_interval_seconds: float = Field(
        default=1.5, ge=0.05, le=60, description="Longest pause between two polls of a job."
    )
    retry_backoff_seconds: float = Field(
        default=0.5,
        gt=0,
        le=60,
        description="First pause before a failed request is sent again; later ones are longer.",
    )
    unreachable_timeout_seconds: float = Field(
        default=900.0,
        gt=0,
        description="Seconds that an upstream may be unreachable while it has a job.",
    )
    max_result_mb: int = Field(default=2048, ge=1, description="Largest result in megabytes.")
    description: str = Field(
        default="", max_length=300, description="One honest sentence for the model list."
    )
    licence: str = Field(
        default="", max_length=100, description="Licence of what renders there, for the model list."
    )
    origin: Literal["trained", "algorithm"] = Field(
        description="Required. Signed into every file: `trained` where a trained model renders "
        "there, `algorithm` where a program draws without one."
    )

    @model_validator(mode="before")
    @classmethod
    def _expect_origin(cls, given: Any) -> Any:
        # "Field required" would not name the choices: the field's validator does.
        return {"origin": None, **given} if isinstance(given, dict) else given

    @field_validator("origin", mode="before")
    @classmethod
    def _check_origin(cls, value: object) -> object:
        if value not in ("trained", "algorithm"):
            raise ValueError(ORIGIN_RULE)
        return value

    @field_validator("url")
    @classmethod
    def _check_url(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")) or "@" in value or "?" in value:
            raise ValueError(
                "it must begin with http:// or https:// and have no key or query in it"
            )
        return value.rstrip("/")

    @property
    def is_hosted(self) -> bool:
        """True where prompts and pictures may leave the operator's own machines.

        A host name is not looked up: where it leads may change, and only the operator knows.
        """
        if self.hosted is not None:
            return self.hosted
        reached = [self.url, *([self.proxy] if self.proxy else [])]
        return not all(is_own_host(urlsplit(one).hostname or "") for one in reached)

    def secret(self) -> str:
        """Return the key from its source; empty without one. Raises ``ValueError``."""
        if self.key.get_secret_value():
            return self.key.get_secret_value()
        if self.key_file is not None:
            try:
                return self.key_file.expanduser().read_text(encoding="utf-8").strip()
            except (OSError, ValueError) as error:
                raise ValueError(f"its key_file {self.key_file} cannot be read") from error
        if self.key_env:
            if self.key_env not in os.environ:
                raise ValueError(f"the environment has no {self.key_env}, which key_env names")
            return os.environ[self.key_env].strip()
        return ""

    @property
    def provenance_origin(self) -> DigitalSourceType:
        """Return the origin that is signed into files."""
        return (
            DigitalSourceType.TRAINED if self.origin == "trained" else DigitalSourceType.ALGORITHM
        )


class UpstreamSettings(ServerSettings):
    """Settings of a server that has models and takes parameters by their names."""

    model: str = Field(
        default="", description="The upstream's name for models that name no `upstream`."
    )
    extra: dict[str, Scalar] = Field(
        default_factory=dict,
        description="Parameters of every request, passed through; what a request names replaces "
        "them.",
    )
    parameters: tuple[ParameterName, ...] = Field(
        default=(),
        description="Generation parameters that the upstream takes besides those of its dialect; "
        "passed on by their names.",
    )
    extra_params: tuple[ExtraName, ...] = Field(
        default=(),
        description="Names that requests may have in `extra_params`; passed on to the upstream.",
    )

    @property
    def named_parameters(self) -> frozenset[Parameter]:
        """The generation parameters that the operator names."""
        return frozenset(map(Parameter, self.parameters))
