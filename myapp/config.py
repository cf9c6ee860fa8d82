"""Settings from the environment, checked once at start. Imports nothing of ours.

What always holds: a wrong or missing variable is one line that names it, secrets never appear in that line or in a
`repr`, and production refuses what only a developer's machine may have (the default secret, the embedded database).

    settings = load_settings()
    settings.database_url      # None: the embedded PostgreSQL under settings.data_dir

Phoenix keeps this in `config/runtime.exs`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from email.utils import parseaddr
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import unquote, urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
DEVELOPMENT_SECRET = "only-for-development-and-tests-never-in-production"  # noqa: S105 - production refuses it

_SECRETS_OF_LIBRARIES = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "OTEL_EXPORTER_OTLP_HEADERS")
_QUEUES = {"default": 10, "mailers": 20, "reports": 5, "imports": 2, "exports": 5, "analytics": 10}
"""All queues of jobs, with how many of each one process runs at a time where nothing else is said."""
_POSTGRES_SCHEMES = {"postgres": "postgresql", "postgresql+psycopg": "postgresql"}


class ConfigError(Exception):
    """The environment is wrong: `str(error)` is one line that names the variable."""


def _url(value: str, *, schemes: tuple[str, ...], example: str) -> str:
    """The URL itself is left out of the message: it may hold a password."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in schemes:
        raise ValueError(f"must look like {example}")
    return value


def _postgres_url(value: str) -> str:
    """Both short and driver spellings mean the same server; the rest of the house sees `postgresql://…` only."""
    scheme, separator, rest = value.partition("://")
    value = _POSTGRES_SCHEMES.get(scheme, scheme) + separator + rest
    example = "postgresql://user:password@host:5432/name"
    try:
        conninfo_to_dict(value)
    except ProgrammingError:
        raise ValueError(f"must look like {example}") from None
    return _url(value, schemes=("postgresql",), example=example)


def _origin(value: str) -> str:
    value = _url(value, schemes=("http", "https"), example="https://example.org").rstrip("/")
    parts = urlsplit(value)
    if not parts.hostname or parts.path or parts.query or parts.fragment:
        raise ValueError("must be scheme and host only, like https://example.org")
    return value


def _smtp_url(value: str) -> str:
    example = "smtp://user:password@host:587"
    value = _url(value, schemes=("smtp", "smtps"), example=example)
    if not urlsplit(value).hostname:
        raise ValueError(f"must look like {example}")
    return value


def _mailbox(value: str) -> str:
    name, address = parseaddr(value)
    user, at, host = address.rpartition("@")
    if not (user and at and host) or not value.isprintable() or not address.isascii() or "@" in name:
        raise ValueError("must look like MyApp <no-reply@example.org>")
    return value


def _folder(value: Path) -> Path:
    path = value.expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise ValueError(f"{path} is not a folder")
    return path


def _bucket_url(value: str) -> str:
    """What says who we are belongs into the variables of AWS, not into an address that is printed."""
    value = _url(value, schemes=("s3",), example="s3://bucket/prefix").rstrip("/")
    parts = urlsplit(value)
    if not parts.netloc or "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("must be a bucket and perhaps a prefix, like s3://bucket/prefix")
    return value


def _networks(value: str) -> str:
    """Anything else would be believed of nobody, and everybody seem to come from the proxy."""
    try:
        for each in value.split(","):
            ip_network(each.strip())
    except ValueError:
        raise ValueError("must be addresses and networks, like 127.0.0.1, 10.0.0.0/8") from None
    return value


def _queues(value: str) -> dict[str, int]:
    """How many jobs of each queue one process runs at a time: `mailers=20,imports=2`, or `none`."""
    if value == "none":
        return {}
    found: dict[str, int] = {}
    for each in value.split(","):
        name, _, limit = (part.strip() for part in each.partition("="))
        if not (name.isidentifier() and limit.isascii() and limit.isdigit() and 0 < int(limit) <= 1000):
            raise ValueError("must look like mailers=20,imports=2, or be none")
        if name not in _QUEUES:
            raise ValueError(f"knows no queue {name}: there are {', '.join(_QUEUES)}")
        found[name] = int(limit)
    return found


def _checked_queues(value: str) -> str:
    _queues(value)
    return value


def _sentry_dsn(value: str) -> str:
    example = "https://key@sentry.example.org/1"
    value = _url(value, schemes=("http", "https"), example=example)
    parts = urlsplit(value)
    if not (parts.username and parts.hostname and parts.path.strip("/").rpartition("/")[2].isdigit()):
        raise ValueError(f"must look like {example}")
    return value


def _with_host(value: str, *, schemes: tuple[str, ...], example: str) -> str:
    value = _url(value, schemes=schemes, example=example)
    if not urlsplit(value).hostname:
        raise ValueError(f"must look like {example}")
    return value


type Name = Literal["development", "test", "production"]
type LogLevel = Literal["debug", "info", "warning", "error"]
type LogFormat = Literal["json", "logfmt", "text"]
_statsd_url = partial(_with_host, schemes=("statsd", "dogstatsd"), example="statsd://host:8125")
_collector_url = partial(_with_host, schemes=("http", "https"), example="http://collector:4318")
_redis_url = partial(_url, schemes=("redis", "rediss", "unix"), example="redis://host:6379/0")


class Settings(BaseSettings):
    """Every variable the product reads; README.md has the same table for people."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    env: Name = Field("development", validation_alias="MYAPP_ENV")
    mode: Literal["all", "web"] = Field("all", validation_alias="MYAPP_MODE")
    """What a server does: `web` leaves periodic work and what waits in queues to `python -m myapp worker`."""
    host: str = Field("127.0.0.1", validation_alias="MYAPP_HOST")
    """The address to listen on; behind a proxy on another machine it is `0.0.0.0`."""
    port: int = Field(3000, validation_alias="MYAPP_PORT", ge=1, le=65535)
    worker_port: int | None = Field(None, validation_alias="MYAPP_WORKER_PORT", ge=1, le=65535)
    """Where `python -m myapp worker` answers who asks for its health and its figures; nowhere without."""
    data_dir: Annotated[Path, AfterValidator(_folder)] = Field(ROOT / ".data", validation_alias="MYAPP_DATA_DIR")
    public_url: Annotated[str, AfterValidator(_origin)] = Field(
        default_factory=lambda valid: f"http://localhost:{valid['port']}", validation_alias="PUBLIC_URL"
    )
    """What people type: scheme and host, no slash at the end."""
    trusted_proxies: Annotated[str, AfterValidator(_networks)] = Field("127.0.0.1", validation_alias="TRUSTED_PROXIES")
    """Whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed: addresses and networks with commas between them."""
    secret_key: str = Field(DEVELOPMENT_SECRET, validation_alias="SECRET_KEY", min_length=32, repr=False)
    database_url: Annotated[str, AfterValidator(_postgres_url)] | None = Field(
        None, validation_alias="DATABASE_URL", repr=False
    )
    """What the application connects with; without the next one the owner of the tables, who acts as `myapp_app`."""
    database_owner_url: Annotated[str, AfterValidator(_postgres_url)] | None = Field(
        None, validation_alias="DATABASE_OWNER_URL", repr=False
    )
    """What migrations connect with."""
    pool_size: int = Field(10, validation_alias="POOL_SIZE", ge=1, le=500)
    redis_url: Annotated[str, AfterValidator(_redis_url)] | None = Field(None, validation_alias="REDIS_URL", repr=False)
    smtp_url: Annotated[str, AfterValidator(_smtp_url)] | None = Field(None, validation_alias="SMTP_URL", repr=False)
    mail_from: Annotated[str, AfterValidator(_mailbox)] = Field(
        default_factory=lambda valid: f"MyApp <no-reply@{urlsplit(str(valid['public_url'])).hostname}>",
        validation_alias="MAIL_FROM",
    )
    """Who mails come from: an address, with a name or without."""
    storage_url: Annotated[str, AfterValidator(_bucket_url)] | None = Field(None, validation_alias="STORAGE_URL")
    """Where uploaded files are kept: an S3 bucket, perhaps with a prefix. None: in `data_dir`."""
    job_queues: Annotated[str, AfterValidator(_checked_queues)] = Field(
        ",".join(f"{name}={limit}" for name, limit in _QUEUES.items()), validation_alias="JOB_QUEUES"
    )
    """Which queues of jobs this process serves, and how many jobs of each at a time; `none` leaves them to others."""
    sentry_dsn: Annotated[str, AfterValidator(_sentry_dsn)] | None = Field(
        None, validation_alias="SENTRY_DSN", repr=False
    )
    """Where errors are reported, beside the log."""
    log_level: LogLevel = Field("info", validation_alias="LOG_LEVEL")
    log_format: LogFormat = Field(
        default_factory=lambda valid: "json" if valid.get("env") == "production" else "text",
        validation_alias="LOG_FORMAT",
    )

    metrics_token: str | None = Field(None, validation_alias="METRICS_TOKEN", min_length=16, repr=False)
    """What shows `/metrics`; without one only programs of this machine see it."""
    statsd_url: Annotated[str, AfterValidator(_statsd_url)] | None = Field(None, validation_alias="STATSD_URL")
    otlp_url: Annotated[str, AfterValidator(_collector_url)] | None = Field(
        None, validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT", repr=False
    )
    """The collector that traces are sent to."""

    @property
    def queues(self) -> dict[str, int]:
        """Of jobs, by name, with how many run at a time."""
        return _queues(self.job_queues)

    @property
    def keeps_mail(self) -> bool:
        """Mails leave by no server and are kept for a developer to read."""
        return self.smtp_url is None and self.env != "production"

    @property
    def secrets(self) -> list[str]:
        """What must stand in no log, whoever would write it there."""
        addresses = [self.database_url, self.database_owner_url, self.redis_url, self.smtp_url]
        passwords = [urlsplit(address).password for address in addresses if address]
        of_libraries = [os.environ.get(name, "") for name in _SECRETS_OF_LIBRARIES]
        said = [self.secret_key, *([self.metrics_token] if self.metrics_token else []), *filter(None, of_libraries)]
        return [*said, *(unquote(each) for each in passwords if each), *(each for each in passwords if each)]

    @model_validator(mode="before")
    @classmethod
    def _forgiving(cls, values: dict[str, object]) -> dict[str, object]:
        """`LOG_LEVEL=INFO` and a forgotten space at the end of a line are no errors."""
        tidy = {key: value.strip() if isinstance(value, str) else value for key, value in values.items()}
        for name in ("MYAPP_ENV", "MYAPP_MODE", "LOG_LEVEL", "LOG_FORMAT"):
            if isinstance(value := tidy.get(name), str):
                tidy[name] = value.lower()
        return tidy

    @model_validator(mode="after")
    def _production_is_strict(self) -> Self:
        problems: list[str] = []
        if self.env == "production" and self.secret_key == DEVELOPMENT_SECRET:
            problems.append("SECRET_KEY: must be set in production to a long random text of your own")
        if self.env == "production" and self.database_url is None:
            problems.append("DATABASE_URL: must be set in production, the embedded PostgreSQL is for development")
        if self.env == "production" and self.smtp_url is None:
            problems.append("SMTP_URL: must be set in production, people are let in and invited by mail")
        if self.env == "production" and "public_url" not in self.model_fields_set:
            problems.append("PUBLIC_URL: must be set in production, mails and cookies go by it")
        if problems:
            raise ValueError("; ".join(problems))
        return self


def load_settings() -> Settings:
    """The settings of this process's environment, or a ConfigError."""
    try:
        return Settings()  # pyright: ignore[reportCallIssue] - every field has its default, under its variable's name
    except ValidationError as error:
        raise ConfigError("; ".join(_sentences(error))) from None


def _sentences(error: ValidationError) -> Iterator[str]:
    for found in error.errors():
        text = found["msg"].removeprefix("Value error, ")
        if not found["loc"]:
            yield text  # the rule names its variables itself
        elif found["type"] != "default_factory_not_called":  # only follows from another variable's error
            yield f"{found['loc'][0]}: {text[0].lower()}{text[1:]}"
