"""Every setting: its name, its default and one line of help.

A setting is read from the command line, else from ``HINODE_<NAME>`` in the environment, else from
``hinode.toml`` in the data folder (or the file named by ``HINODE_CONFIG``), else its default holds.
"""

from __future__ import annotations

import os
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    field_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from hinode.engines.openai.settings import OpenAIEngineSettings
from hinode.engines.sora.settings import SoraEngineSettings
from hinode.engines.tasks.settings import TasksEngineSettings
from hinode.media.kinds import MediaKind

DEFAULT_DATA = Path("~/.hinode")

ModelName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$")]
EngineName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
SizeText = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{1,3}x[1-9][0-9]{1,3}$")]
NetworkText = Annotated[str, AfterValidator(lambda text: str(ip_network(text)))]
Credits = Annotated[int, Field(ge=0, le=1_000_000)]
CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2}$", to_upper=True)]
Seconds = Annotated[int, Field(ge=1, le=120)]
_LONGEST_SIDE = 4096


def _price_table(value: object) -> object:
    """Read a bare number, which is how most prices are written, as a table."""
    return value if isinstance(value, dict | BaseModel) else {"credits": value}


class EngineSettings(BaseModel):
    """Settings of one engine."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    concurrency: int = Field(
        default=1, ge=1, le=64, description="Jobs that one server renders at once."
    )


def _engine_kind(value: object) -> str:
    """Tell tables of remote engines, which say their kind, from those of engines found here."""
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return "here" if kind is None else str(kind)


AnyEngineSettings = Annotated[
    Annotated[EngineSettings, Tag("here")]
    | Annotated[OpenAIEngineSettings, Tag("openai")]
    | Annotated[TasksEngineSettings, Tag("tasks")]
    | Annotated[SoraEngineSettings, Tag("sora")],
    Discriminator(_engine_kind),
]


class PriceSettings(BaseModel):
    """What a model costs; a bare number is `credits`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    credits: Credits = Field(description="Credits per unit, where no line below says otherwise.")
    per: Literal["second", "picture", "call"] | None = Field(
        default=None,
        description="`second` of a video, `picture`, or `call`; else `second` or `picture`.",
    )
    hd: Credits | None = Field(default=None, description="Credits per unit in HD sizes.")
    sizes: dict[SizeText, Credits] = Field(
        default_factory=dict,
        description='Credits per unit in these sizes, such as {"1280x720" = 30}.',
    )


class RouteSettings(BaseModel):
    """One of several engines that render a model; a bare name is `engine`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    engine: str = Field(min_length=1, description="Engine that can render the model.")
    upstream: str | None = Field(
        default=None, min_length=1, max_length=200, description="Its name at this engine's server."
    )
    weight: float = Field(
        default=1.0, gt=0, le=1_000, description="Share of the jobs, with `choose` = `weight`."
    )


def _route_table(value: object) -> object:
    """Read a bare name, which is how most routes are written, as a table."""
    return {"engine": value} if isinstance(value, str) else value


class ModelSettings(BaseModel):
    """A model of the operator's own, or what differs in a built-in one; None: not given."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    engine: str | None = Field(
        default=None, min_length=1, description="Engine that renders it; else the setting `engine`."
    )
    engines: tuple[Annotated[RouteSettings, BeforeValidator(_route_table)], ...] | None = Field(
        default=None,
        min_length=1,
        max_length=20,
        description="Several engines instead: names, or tables, see below.",
    )
    choose: Literal["order", "weight"] = Field(
        default="order", description="`order`: the first engine that is well; `weight`: shares."
    )
    upstream: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="Its name at the engine's server; an open-weight model's brings its rules.",
    )
    kind: MediaKind | None = Field(default=None, description="`video` or `image`; else `video`.")
    sizes: tuple[SizeText, ...] | None = Field(
        default=None, min_length=1, description="WIDTHxHEIGHT, the default first; even numbers."
    )
    hd_sizes: tuple[SizeText, ...] | None = Field(
        default=None, description="More sizes, rendered when `hd` is asked for."
    )
    any_size: bool | None = Field(
        default=None, description="Take every size by its shape, as the gateways do."
    )
    seconds: tuple[Seconds, ...] | None = Field(
        default=None, min_length=1, description="Lengths of a video, the default first."
    )
    hd_seconds: tuple[Seconds, ...] | None = Field(
        default=None, description="Lengths that HD is rendered in; else all of them."
    )
    fps: int | None = Field(
        default=None, ge=1, le=120, description="Frames per second of a video; else 30."
    )
    price: Annotated[PriceSettings, BeforeValidator(_price_table)] | None = Field(
        default=None,
        description="Credits per second of a video, or per picture; or a table, see below.",
    )
    max_outputs: int | None = Field(
        default=None, ge=1, le=4, description="Most outputs of one job; else 4."
    )
    aliases: tuple[ModelName, ...] | None = Field(default=None, description="Other names for it.")

    @field_validator("sizes", "hd_sizes")
    @classmethod
    def _even(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for size in value or ():
            if any(int(side) % 2 or int(side) > _LONGEST_SIDE for side in size.split("x")):
                raise ValueError(f"{size}: sides are even and at most {_LONGEST_SIDE} pixels")
        return value


class PromptSettings(BaseModel):
    """A server with an OpenAI-compatible chat API whose text model expands prompts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(
        default="",
        pattern=r"^(https?://[^\s]+)?$",
        description="Its base URL, such as http://127.0.0.1:11434/v1; empty: no model is asked.",
    )
    model: str = Field(default="", description="Name of the model there.")
    key: str = Field(default="", repr=False, description="API key for it; empty: none is sent.")
    key_env: str = Field(default="", description="Environment variable with the key, not `key`.")
    seconds: float = Field(default=20.0, gt=0, le=120, description="Seconds an expansion may take.")


class PlanSettings(BaseModel):
    """What the plan `free` allows; the other plans differ in their defaults."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    videos_per_day: int = Field(
        default=30, ge=0, le=10_000, description="Videos in any 24 hours; 0: any number."
    )
    at_once: int = Field(
        default=3, ge=0, le=1_000, description="Unfinished jobs of the Sora dialect; 0: any number."
    )
    invites: int = Field(
        default=4, ge=0, le=1_000_000, description="People that an account may invite."
    )


class _Plus(PlanSettings):
    videos_per_day: int = Field(default=60, ge=0, le=10_000)
    at_once: int = Field(default=5, ge=0, le=1_000)
    invites: int = Field(default=6, ge=0, le=1_000_000)


class _Pro(PlanSettings):
    videos_per_day: int = Field(default=300, ge=0, le=10_000)
    at_once: int = Field(default=10, ge=0, le=1_000)
    invites: int = Field(default=10, ge=0, le=1_000_000)


class _Team(PlanSettings):
    videos_per_day: int = Field(default=0, ge=0, le=10_000)
    at_once: int = Field(default=20, ge=0, le=1_000)
    invites: int = Field(default=100, ge=0, le=1_000_000)


class PlansSettings(BaseModel):
    """The plans of accounts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    free: PlanSettings = PlanSettings()
    plus: _Plus = _Plus()
    pro: _Pro = _Pro()
    team: _Team = _Team()


class Settings(BaseSettings):
    """The settings of one Hinode."""

    model_config = SettingsConfigDict(
        env_prefix="HINODE_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    data: Path = Field(
        default=DEFAULT_DATA, description="Folder for the database, the files and hinode.toml."
    )
    database: str = Field(
        default="",
        description="Database URL, sqlite:///… or postgresql://…; empty: SQLite under data.",
    )
    storage: str = Field(
        default="",
        description="Object store, a folder or s3://…, gs://…, az://…; empty: in the data folder.",
    )
    presigned_links: bool = Field(default=True, description="Link tasks' videos in S3 directly.")
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on; 0: any free.")
    public_url: str = Field(
        default="",
        description="Base URL that clients reach the server by; empty: from the request.",
    )
    workers: bool = Field(
        default=True,
        description="Render in `hinode serve` too; else run `hinode worker` beside it.",
    )
    engine: str = Field(default="preview", description="Engine that renders the built-in models.")
    engines: dict[EngineName, AnyEngineSettings] = Field(
        default_factory=dict,
        description='Settings per engine, and remote engines: [engines.gpu] kind = "openai".',
    )
    models: dict[ModelName, ModelSettings] = Field(
        default_factory=dict,
        description='Models besides the built-in ones, or changes of them: [models."my-model"].',
    )
    aliases: dict[ModelName, ModelName] = Field(
        default_factory=dict,
        description='More names for models, such as [aliases] "veo-3" = "sora-2-pro".',
    )
    plans: PlansSettings = Field(
        default=PlansSettings(),
        description="What accounts may do in the Sora dialect: [plans.free], plus, pro, team.",
    )
    signup: Literal["off", "invite", "open"] = Field(
        default="invite",
        description="Who may sign up in the Sora dialect: nobody, who has an invite, everybody.",
    )
    signup_credits: int = Field(
        default=10_000, ge=0, le=1_000_000_000, description="Credits of who signs up."
    )
    access_token_hours: float = Field(
        default=1.0, gt=0, le=8_760, description="Hours that an access token is good for."
    )
    session_days: float = Field(
        default=90.0, gt=0, le=3_650, description="Days that a session lasts without being used."
    )
    prompts: PromptSettings = Field(
        default=PromptSettings(),
        description="The text model that expands prompts, in a table [prompts]; see below.",
    )
    countries: tuple[CountryCode, ...] = Field(
        default=(),
        description='Countries that the Sora dialect serves, such as ["JP", "SG"]; empty: all.',
    )
    country_header: str = Field(
        default="CF-IPCountry",
        min_length=1,
        description="Header in which a trusted proxy tells the client's country.",
    )
    trusted_proxies: tuple[NetworkText, ...] = Field(
        default=(),
        description="Addresses or networks of proxies whose X-Forwarded-For and -Proto count.",
    )
    redis: str = Field(
        default="",
        description="redis://… or valkey://…: requests per minute count for all servers together.",
    )
    account_outstanding: int = Field(
        default=500, ge=0, description="Unfinished jobs that an account may have; 0: any number."
    )
    queue_limit: int = Field(
        default=0, ge=0, description="Jobs that may wait for one engine; 0: any number."
    )
    engine_tries: int = Field(
        default=6,
        ge=1,
        le=20,
        description="How often a job is offered to engines that do not take it, 2 s later, then 4…",
    )
    queue_hours: float = Field(
        default=24.0, gt=0, description="Hours that a job may wait before it fails."
    )
    run_seconds: float = Field(
        default=3600.0, gt=0, description="Seconds that a job may render before it fails."
    )
    retention_hours: float = Field(
        default=720.0, ge=0, description="Hours that rendered files are kept; 0: for ever."
    )
    upload_mb: float = Field(
        default=20.0, gt=0, le=1024, description="Largest request body in megabytes."
    )
    allow_hosts: tuple[str, ...] = Field(
        default=(),
        description="Hosts, host:port or networks that URLs from clients may reach though private.",
    )
    shutdown_seconds: float = Field(
        default=10.0, ge=0, description="Seconds that running renders get to finish on SIGTERM."
    )
    log_format: Literal["auto", "text", "json"] = Field(
        default="auto", description="Log lines as text or JSON; auto: text on a terminal."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severe level that is logged."
    )

    @field_validator("data")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @property
    def database_url(self) -> str:
        """The database URL, with the default filled in."""
        return self.database or f"sqlite:///{self.data / 'hinode.db'}"

    @property
    def storage_url(self) -> str:
        """The object store, with the default filled in."""
        return self.storage or str(self.data / "objects")

    def engine_settings(self, name: str) -> AnyEngineSettings:
        """Return the settings of an engine, the defaults where none are given."""
        return self.engines.get(name, EngineSettings())

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: arguments, environment, file."""
        file = TomlConfigSettingsSource(settings_cls, toml_file=_config_file(init_settings()))
        return init_settings, env_settings, file


def load_settings(**given: Any) -> Settings:
    """Read the settings; arguments that are None count as not given.

    Raises ``pydantic.ValidationError`` that names each bad setting.
    """
    return Settings(**{name: value for name, value in given.items() if value is not None})


def _config_file(given: dict[str, Any]) -> Path:
    named = os.environ.get("HINODE_CONFIG")
    if named:
        return Path(named)
    data = given.get("data") or os.environ.get("HINODE_DATA") or DEFAULT_DATA
    return Path(data).expanduser() / "hinode.toml"
