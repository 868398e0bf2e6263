"""Every setting: its name, its default and one line of help.

A setting is read from the command line, else from ``HINODE_<NAME>`` in the environment, else from
``hinode.toml`` in the data folder (or the file named by ``HINODE_CONFIG``), else its default holds.
"""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from hinode.config.config_file import DEFAULT_DATA, config_file, read_file
from hinode.config.engines import AnyEngineSettings, EngineSettings, with_local_models
from hinode.config.environment import EnvironmentSource
from hinode.config.models import ModelName, ModelSettings
from hinode.config.moderation import ModerationSettings
from hinode.config.oidc import OidcSettings
from hinode.config.plans import PlansSettings
from hinode.config.text_model import TextModelSettings
from hinode.engines.kinds import KindSettings
from hinode.kit.cluster_secret import MIN_LENGTH, SECRET_FILE
from hinode.kit.listen_address import check_listen_address
from hinode.kit.proxy import check_proxy

STOPPING_SECONDS = 2.0

EngineName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
NetworkText = Annotated[str, AfterValidator(lambda text: str(ip_network(text)))]
ProxyUrl = Annotated[str, AfterValidator(check_proxy)]
ListenAddress = Annotated[str, AfterValidator(check_listen_address)]
CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2}$", to_upper=True)]


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
    secret: SecretStr = Field(
        default=SecretStr(""),
        description="The secret that all hosts of one database share, at least 32 characters; "
        "empty: in the file secret.key of the data folder, made at the first start.",
    )
    presigned_urls: bool = Field(default=True, description="Link tasks' videos in S3 directly.")
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on; 0: any free.")
    public_url: str = Field(
        default="",
        description="Base URL of the server for clients; empty: from the request.",
    )
    workers: bool = Field(
        default=True,
        description="Render in `hinode serve` too; else run `hinode worker` beside it.",
    )
    processes: int = Field(
        default=1,
        ge=1,
        le=64,
        description="Processes of `hinode serve` behind one port; from 2 on, one more renders.",
    )
    worker_listen: ListenAddress = Field(
        default="",
        description="host:port on which `hinode worker` answers /healthz, /readyz and /metrics; "
        "empty: nowhere.",
    )
    engine: str = Field(default="preview", description="Engine that renders the built-in models.")
    engines: dict[EngineName, AnyEngineSettings] = Field(
        default_factory=dict,
        description='Settings per engine, and remote engines: [engines.gpu] kind = "openai".',
    )
    model_folder: Path | None = Field(
        default=None,
        description="Folder of the open-weight models that `hinode model pull` gets; else models "
        "in the data folder.",
    )
    download_models: bool = Field(
        default=False,
        description="Get a missing open-weight model when a job needs it; else the job fails with "
        "the command that gets it.",
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
        description="Who may sign up in the Sora dialect: nobody, with an invite code, everybody.",
    )
    signup_credits: int = Field(
        default=10_000,
        ge=0,
        le=1_000_000_000,
        description="Credits of a new account after sign-up.",
    )
    access_token_hours: float = Field(
        default=240.0,
        gt=0,
        le=8_760,
        description="Hours until an access token expires, unless it was made with --days. Programs "
        "that renew once a day need more than 48.",
    )
    session_days: float = Field(
        default=90.0,
        gt=0,
        le=3_650,
        description="Days until an unused session expires; each renewal prolongs it.",
    )
    password_login: bool = Field(
        default=True,
        description="Let people log in and sign up with a password; false: by single sign-on only.",
    )
    oidc: OidcSettings = Field(
        default=OidcSettings(),
        description="The OpenID Connect provider of single sign-on, in a table [oidc]; see below.",
    )
    text_model: TextModelSettings = Field(
        default=TextModelSettings(),
        description="The text model that expands prompts and answers what chat apps ask for by "
        "themselves, in a table [text_model]; see below.",
    )
    moderation: ModerationSettings = Field(
        default=ModerationSettings(),
        description="Your service that reviews prompts, pictures and outputs, in a table "
        "[moderation]; see below.",
    )
    character_consent: bool = Field(
        default=False,
        description="Make characters of uploaded clips only with the uploader's statement "
        "(`consent`: true) that the person shown agrees.",
    )
    countries: tuple[CountryCode, ...] = Field(
        default=(),
        description='Countries that the Sora dialect serves, such as ["JP", "SG"]; empty: all.',
    )
    country_header: str = Field(
        default="CF-IPCountry",
        min_length=1,
        description="Header in which a trusted proxy sends the client's country.",
    )
    trusted_proxies: tuple[NetworkText, ...] = Field(
        default=(),
        description="Addresses or networks of proxies whose X-Forwarded-For, -Proto and -Prefix "
        "count.",
    )
    redis: str = Field(
        default="",
        description="redis://… or valkey://…: requests per minute count for all servers together.",
    )
    account_max_unfinished: int = Field(
        default=500, ge=0, description="Unfinished jobs that an account may have; 0: any number."
    )
    account_storage_mb: float = Field(
        default=10_000.0,
        ge=0,
        description="Megabytes of files and jobs' inputs that an account may keep; 0: any number.",
    )
    batch_max_lines: int = Field(
        default=10_000,
        ge=1,
        le=50_000,
        description="Requests that the file of a batch may have; max_body_mb bounds its size.",
    )
    queue_limit: int = Field(
        default=0, ge=0, description="Jobs that may wait for one engine; 0: any number."
    )
    engine_absence_minutes: float = Field(
        default=10.0,
        ge=0,
        description="Minutes after which new jobs of an engine that no living worker offers are "
        "rejected; 0: never.",
    )
    answer_app_tasks: bool = Field(
        default=True,
        description="Answer what chat apps ask for by themselves (titles, tags, follow-up "
        "questions) by the text model, without one with a sentence; false: render it like any "
        "prompt.",
    )
    strict_fields: bool = Field(
        default=False,
        description="Refuse requests with unknown fields (400) instead of naming these in the "
        "answer; not in the Sora dialect.",
    )
    min_free_disk_mb: int = Field(
        default=200,
        ge=0,
        description="Free megabytes of the data folder below which a worker starts no job; 0: any.",
    )
    max_submit_attempts: int = Field(
        default=6,
        ge=1,
        le=20,
        description="Submit attempts of a job that engines reject; backoff 2 s, 4 s, …",
    )
    queue_timeout_hours: float = Field(
        default=24.0, gt=0, description="Hours that a job may wait before it fails."
    )
    run_timeout_seconds: float = Field(
        default=3600.0, gt=0, description="Seconds that a job may render before it fails."
    )
    retention_hours: float = Field(
        default=720.0, ge=0, description="Hours that rendered files are kept; 0: for ever."
    )
    job_retention_days: int = Field(
        default=0,
        ge=0,
        le=36_500,
        description="Days after its end that a job is kept; then it is removed with its files, and "
        "its usage and ledger stay; 0: for ever.",
    )
    removal_grace_hours: float = Field(
        default=24.0,
        ge=0,
        le=8760,
        description="Hours of uptime that expired files stay hidden before they are removed.",
    )
    max_body_mb: float = Field(
        default=20.0, gt=0, le=1024, description="Largest request body in megabytes."
    )
    max_header_kb: int = Field(
        default=64,
        ge=8,
        le=1024,
        description="Largest request line and headers together in kilobytes.",
    )
    max_header_fields: int = Field(
        default=100, ge=20, le=1000, description="Most header fields of a request."
    )
    header_timeout_seconds: float = Field(
        default=20.0,
        gt=0,
        le=3600,
        description="Seconds in which a request's line and headers must arrive.",
    )
    min_body_rate: int = Field(
        default=500,
        ge=0,
        le=1_000_000,
        description="Bytes a second that a request's body must bring, or it is ended; 0: any.",
    )
    body_window_seconds: float = Field(
        default=20.0, gt=0, le=3600, description="Seconds over which min_body_rate is measured."
    )
    keep_alive_seconds: float = Field(
        default=75.0,
        gt=0,
        le=3600,
        description="Seconds that a connection may idle between two requests.",
    )
    stream_keep_alive_seconds: float = Field(
        default=12.0,
        gt=0,
        le=3600,
        description="Seconds without news after which a stream of events sends a comment; "
        "common proxies close connections idle for 15 seconds.",
    )
    allow_hosts: tuple[str, ...] = Field(
        default=(),
        description="Private hosts, host:port or networks that URLs from clients may reach.",
    )
    proxy: ProxyUrl = Field(
        default="",
        repr=False,
        description="Proxy for URLs from clients, callbacks and webhooks on the public Internet: "
        "http://, https:// or socks5://, with user:password@ if it asks for them. Remote engines "
        "have their own.",
    )
    shutdown_seconds: float = Field(
        default=10.0,
        ge=0,
        description="Seconds until the end on SIGTERM; work has all but the last 2 to finish.",
    )
    log_format: Literal["auto", "text", "json"] = Field(
        default="auto", description="Log lines as text or JSON; auto: text on a terminal."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severe level that is logged."
    )

    @field_validator("secret")
    @classmethod
    def _long(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if text and (len(text) < MIN_LENGTH or not text.isascii()):
            raise ValueError(
                f"must have at least {MIN_LENGTH} characters, ASCII only; make one with: "
                "openssl rand -hex 32"
            )
        return value

    @field_validator("data", "model_folder")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return value and value.expanduser().absolute()

    @field_validator("engines")
    @classmethod
    def _locate_files(
        cls, value: dict[str, AnyEngineSettings], info: ValidationInfo
    ) -> dict[str, AnyEngineSettings]:
        folder = config_file(info.data).absolute().parent
        return {
            name: one.with_files_in(folder) if isinstance(one, KindSettings) else one
            for name, one in value.items()
        }

    @property
    def database_url(self) -> str:
        """Return the database URL, or the default."""
        return self.database or f"sqlite:///{self.data / 'hinode.db'}"

    @property
    def secret_file(self) -> Path:
        """Return the file of the secret, which counts when the setting is empty."""
        return self.data / SECRET_FILE

    @property
    def storage_url(self) -> str:
        """Return the object store, or the default."""
        return self.storage or str(self.data / "objects")

    @property
    def finishing_seconds(self) -> float:
        """Return the seconds that running jobs and requests have to finish on SIGTERM."""
        return max(0.0, self.shutdown_seconds - STOPPING_SECONDS)

    @property
    def models_path(self) -> Path:
        """Return the folder of open-weight models, or the default."""
        return self.model_folder or self.data / "models"

    @property
    def engine_tables(self) -> dict[str, AnyEngineSettings]:
        """Return the tables of engines; those with models on this host know its folder of them."""
        return {
            name: with_local_models(
                table, self.models_path, self.download_models, self.min_free_disk_mb
            )
            for name, table in self.engines.items()
        }

    def engine_settings(self, name: str) -> AnyEngineSettings:
        """Return the settings of an engine, or the defaults."""
        return self.engine_tables.get(name, EngineSettings())

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
        file = read_file(settings_cls, config_file(init_settings()))
        return init_settings, EnvironmentSource(settings_cls), file


def load_settings(**given: Any) -> Settings:
    """Read the settings; ignore arguments that are None.

    Raises ``pydantic.ValidationError`` that names each bad setting, and :class:`InvalidConfigFile`.
    """
    return Settings(**{name: value for name, value in given.items() if value is not None})
