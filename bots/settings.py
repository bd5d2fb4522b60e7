"""Settings of a running process, read from the environment and `.env`, and nowhere else."""

import os
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bots.origins import read_origin, read_origins
from channels.fetcher import parse_hosts


class Settings(BaseSettings):
    """Every `TRIBUTARY_…` variable; `.env.example` lists them and a test keeps it true."""

    model_config = SettingsConfigDict(
        env_prefix="TRIBUTARY_",
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
    )

    database_url: str = Field(
        default="sqlite:///var/tributary.db",
        description="SQLAlchemy URL; postgresql+psycopg://… for several processes",
    )
    redis_url: str | None = Field(
        default=None, description="Redis for wake-ups, shared rates and fan-out; optional"
    )
    bot: Path = Field(
        default=Path("bots/library/moss_and_kettle"), description="folder of the bot to run"
    )
    cache: Path = Field(
        default=Path(".cache/tributary"), description="where trained models and indexes are kept"
    )
    encoder: str = Field(
        default="all-MiniLM-L6-v2",
        description="sentence-transformers model by name or path; 'none' for no encoder",
    )
    interpreter: Literal["embedded", "rasa"] = Field(
        default="embedded",
        description="what finds intents; rasa: a Rasa 3 server, with the embedded one to stand in",
    )
    rasa_url: str | None = Field(
        default=None,
        validate_default=True,
        description="where the Rasa server listens, e.g. http://127.0.0.1:5005",
    )
    rasa_token: SecretStr | None = Field(
        default=None, description="token of `rasa run --auth-token`; sent as part of the URL"
    )
    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=8000, ge=0, le=65535, description="port to listen on; 0: any free")
    public_url: str | None = Field(
        default=None, description="how browsers reach the server, e.g. https://chat.example.com"
    )
    secret_key: SecretStr | None = Field(
        default=None,
        description="signs visitor tokens, 32 characters or more; default: made once in var/",
    )
    webchat_origins: str = Field(
        default="",
        description="comma-separated origins of pages that may embed the widget, besides our own",
    )
    webchat_burst: int = Field(
        default=5, ge=1, description="messages one visitor may send at once"
    )
    webchat_per_second: float = Field(
        default=1.0, gt=0, description="messages a second one visitor may send after that"
    )
    webchat_sessions_per_hour: int = Field(
        default=30, ge=1, description="sessions one network address may open in an hour"
    )
    webchat_identity_secret: SecretStr | None = Field(
        default=None, description="secret with which the host site signs identity tokens"
    )
    action_hosts: str = Field(
        default="",
        description="private hosts that HTTP actions may reach besides public ones, "
        "comma-separated, e.g. crm.internal, 127.0.0.1:8010, 10.0.0.0/8",
    )
    knowledge_hosts: str = Field(
        default="",
        description="private hosts that knowledge may be imported from besides public ones, "
        "comma-separated, e.g. wiki.internal, 10.0.0.0/8",
    )
    writer_url: str | None = Field(
        default=None,
        description="base URL of an OpenAI-compatible server that may word answers, e.g. "
        "https://llm.example.com/v1; default: answers are given in the articles' own words",
    )
    writer_model: str | None = Field(
        default=None, validate_default=True, description="model of that server"
    )
    writer_key: SecretStr | None = Field(default=None, description="key of that server")
    writer_hosts: str = Field(
        default="",
        description="private hosts the writer may be reached at, as in TRIBUTARY_ACTION_HOSTS",
    )
    writer_seconds: float = Field(
        default=6.0, ge=2, le=30, description="after so many seconds a customer has the answer"
    )
    writer_tokens: int = Field(
        default=500, ge=50, le=4000, description="tokens a written answer may have at most"
    )
    writer_form: Literal["json_schema", "json_object", "none"] = Field(
        default="json_schema", description="how the server is held to JSON; none: by words only"
    )
    writer_price_in: float = Field(
        default=0.0, ge=0, le=100_000, description="price of a million tokens sent"
    )
    writer_price_out: float = Field(
        default=0.0, ge=0, le=100_000, description="price of a million tokens received"
    )
    writer_budget: float | None = Field(
        default=None,
        gt=0,
        validate_default=True,
        description="what writing may cost a day (UTC), in the currency of the prices",
    )
    workers: int = Field(default=1, ge=1, le=16, description="worker threads of a process")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="least important event that is logged"
    )

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            message = "must begin with sqlite:/// or postgresql+psycopg://"
            raise ValueError(message)
        return value

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("redis://", "rediss://", "unix://")):
            message = "must begin with redis://, rediss:// or unix://"
            raise ValueError(message)
        return value

    @field_validator("rasa_url")
    @classmethod
    def _is_where_rasa_listens(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None:
            if info.data.get("interpreter") == "rasa":
                message = "is needed, because TRIBUTARY_INTERPRETER is rasa"
                raise ValueError(message)
            return None
        try:
            parts = urlsplit(value)
            is_address = parts.scheme in {"http", "https"} and bool(parts.hostname)
        except ValueError:
            is_address = False
        if not is_address or parts.username:
            message = "must begin with http:// or https://, and hold no name or password"
            raise ValueError(message)
        if parts.query or parts.fragment:
            message = "must end with the path; the token is TRIBUTARY_RASA_TOKEN"
            raise ValueError(message)
        return value.rstrip("/")

    @field_validator("writer_url")
    @classmethod
    def _is_a_writer(cls, value: str | None) -> str | None:
        try:
            parts = urlsplit(value or "http://none")
            is_address = parts.scheme in {"http", "https"} and bool(parts.hostname)
        except ValueError:
            is_address = False
        if not is_address or parts.username or parts.query or parts.fragment:
            message = "must begin with http:// or https://, and hold no name, key or query"
            raise ValueError(message)
        return value and value.rstrip("/")

    @field_validator("writer_model")
    @classmethod
    def _is_a_model(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and info.data.get("writer_url") is not None:
            message = "is needed, because TRIBUTARY_WRITER_URL is set"
            raise ValueError(message)
        return value

    @field_validator("writer_budget")
    @classmethod
    def _has_prices(cls, value: float | None, info: ValidationInfo) -> float | None:
        prices = (info.data.get("writer_price_in"), info.data.get("writer_price_out"))
        if value is not None and not all(prices):
            message = "needs TRIBUTARY_WRITER_PRICE_IN and TRIBUTARY_WRITER_PRICE_OUT above 0"
            raise ValueError(message)
        return value

    @field_validator("public_url")
    @classmethod
    def _is_an_origin(cls, value: str | None) -> str | None:
        return None if value is None else read_origin(value)

    @field_validator("webchat_origins")
    @classmethod
    def _are_origins(cls, value: str) -> str:
        return ",".join(sorted(read_origins(value)))

    @field_validator("action_hosts", "knowledge_hosts", "writer_hosts")
    @classmethod
    def _are_hosts(cls, value: str) -> str:
        parse_hosts(value)
        return value

    def environment(self) -> dict[str, str]:
        """Return what `${NAME}` in `bot.yml` may stand for: the environment and these settings."""
        own: dict[str, str] = {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            text = value.get_secret_value() if isinstance(value, SecretStr) else value
            own[f"TRIBUTARY_{name.upper()}"] = "" if text is None else str(text)
        return {**os.environ, **own}
