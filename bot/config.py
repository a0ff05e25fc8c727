"""Settings from the environment: what they mean, and every problem with them at once, in words."""

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from bot import setting_values as values

SLACK_API_URL = "https://slack.com/api/"


class CannotStart(Exception):
    """What is in the way, in sentences for who starts Steward."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class SettingsProblems(CannotStart):
    """What is missing or wrong in the settings, each in a sentence that names the setting."""


def _secret(check: Callable[[str], str]) -> AfterValidator:
    return AfterValidator(lambda secret: SecretStr(check(secret.get_secret_value())))


def _optional(check: Callable[[str], str]) -> AfterValidator:
    return AfterValidator(values.optional(check))


def _setting(name: str, description: str, default: Any = ..., *, shown_default: str = "") -> Any:
    return Field(
        default,
        validation_alias=name,
        description=description,
        json_schema_extra={"shown": shown_default or ("" if default in (..., None) else str(default))},
    )


class DatabaseSettings(BaseModel):
    """What is needed to open the database."""

    model_config = ConfigDict(frozen=True, extra="ignore", validate_default=True, hide_input_in_errors=True)

    database_url: Annotated[SecretStr, _secret(values.database_url)] = _setting(
        "STEWARD_DATABASE_URL",
        "Where everything is kept: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME; "
        "with a standby HOST:PORT,HOST:PORT.",
        SecretStr("sqlite:///steward.db"),
        shown_default="sqlite:///steward.db",
    )


class KeySettings(DatabaseSettings):
    """What is needed to check what the database holds."""

    secret_key: Annotated[SecretStr, _secret(values.secret_keys)] = _setting(
        "STEWARD_SECRET_KEY",
        "Secret of this server, 16 characters or more; several with commas between: the first writes, "
        "all are read.",
    )

    @property
    def secret_keys(self) -> tuple[bytes, ...]:
        """The server's secrets, the writing one first."""
        return tuple(key.encode() for key in values.split_keys(self.secret_key.get_secret_value()))


class Settings(KeySettings):
    """Everything that can be set."""

    bot_token: Annotated[SecretStr | None, _optional(values.bot_token)] = _setting(
        "SLACK_BOT_TOKEN",
        "Bot token of the installed app, begins with xoxb- (OAuth & Permissions).",
        None,
        shown_default="needed without SLACK_CLIENT_ID",
    )
    client_id: Annotated[str | None, AfterValidator(values.optional_text(values.client_id))] = _setting(
        "SLACK_CLIENT_ID",
        "Client ID of the app (Basic Information). When set, people install Steward in several workspaces.",
        None,
        shown_default="one workspace",
    )
    client_secret: Annotated[SecretStr | None, _optional(values.client_secret)] = _setting(
        "SLACK_CLIENT_SECRET",
        "Client secret of the app (Basic Information), beside SLACK_CLIENT_ID.",
        None,
        shown_default="one workspace",
    )
    signing_secret: Annotated[SecretStr | None, _optional(values.signing_secret)] = _setting(
        "SLACK_SIGNING_SECRET",
        "Signing secret of the app (Basic Information). Not needed in Socket Mode.",
        None,
        shown_default="needed without SLACK_APP_TOKEN",
    )
    app_token: Annotated[SecretStr | None, _optional(values.app_token)] = _setting(
        "SLACK_APP_TOKEN",
        "App-level token, begins with xapp-, scope connections:write. When set, Steward uses Socket Mode.",
        None,
        shown_default="no Socket Mode",
    )
    host: Annotated[str, AfterValidator(values.host)] = _setting(
        "STEWARD_HOST", "Address to listen on; 0.0.0.0 for all.", "127.0.0.1"
    )
    port: Annotated[int, AfterValidator(values.port)] = _setting(
        "STEWARD_PORT", "Port to listen on; 0 picks a free one.", 3000
    )
    public_url: Annotated[str | None, AfterValidator(values.optional_text(values.public_url))] = _setting(
        "STEWARD_PUBLIC_URL",
        "Address under which people reach Steward's pages; links in mails begin with it.",
        None,
        shown_default="http://HOST:PORT",
    )
    smtp_url: Annotated[SecretStr | None, _optional(values.smtp_url)] = _setting(
        "STEWARD_SMTP_URL",
        "Mail server: smtp://, smtps:// or smtp+starttls://USER:PASSWORD@HOST:PORT?from=ADDRESS.",
        None,
        shown_default="no mail",
    )
    setup_code: Annotated[SecretStr | None, _optional(values.setup_code)] = _setting(
        "STEWARD_SETUP_CODE",
        "One-time code that the first set-up in Slack asks for; none is with SLACK_CLIENT_ID.",
        None,
        shown_default="made and printed",
    )
    slack_api_url: Annotated[str, AfterValidator(values.api_url)] = _setting(
        "STEWARD_SLACK_API_URL", "Address of Slack's Web API.", SLACK_API_URL
    )

    @property
    def several(self) -> bool:
        """Whether people install Steward in their workspaces themselves, instead of one token being set."""
        return self.client_id is not None

    @property
    def socket_mode(self) -> bool:
        """Whether Slack is reached through Socket Mode."""
        return self.app_token is not None

    @property
    def mail(self) -> values.Mail | None:
        """The mail server and the sender; None without mail."""
        return None if self.smtp_url is None else values.read_mail(self.smtp_url.get_secret_value())

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every value that must never show in a log."""
        kept = (self.bot_token, self.client_secret, self.signing_secret, self.app_token, self.setup_code)
        shown = [secret.get_secret_value() for secret in kept if secret is not None]
        for address in (self.database_url, self.smtp_url):
            shown += values.passwords_in(address.get_secret_value()) if address is not None else []
        return (*shown, *values.split_keys(self.secret_key.get_secret_value()))


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingLine:
    """One line of the settings table: `default` is "required" where there is none."""

    name: str
    default: str
    meaning: str


def settings_table() -> tuple[SettingLine, ...]:
    """Return what can be set, Slack's side first, for README and help."""
    lines = []
    for field in Settings.model_fields.values():
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        default = "required" if field.is_required() else str(extra.get("shown", ""))
        name = str(field.validation_alias)
        lines.append(SettingLine(name=name, default=default, meaning=field.description or ""))
    return tuple(sorted(lines, key=lambda line: not line.name.startswith("SLACK_")))


Kind = TypeVar("Kind", bound=DatabaseSettings)


def load_settings(env: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from `env`, the process's environment unless given; blank values count as not set.

    Raises:
        SettingsProblems: with every problem there is.
    """
    given = _read(Settings, env)
    return _checked(Settings, given, _at_odds(given.keys()))


def load_part(kind: type[Kind], env: Mapping[str, str] | None = None) -> Kind:
    """Read no more than `kind` has, for commands that do without Slack; raises as `load_settings` does."""
    return _checked(kind, _read(kind, env), [])


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The settings as far as they are right.

    Args:
        settings: what is wrong or missing is empty in it.
        wrong: the fields that are.
        problems: what is wrong, in sentences.
    """

    settings: Settings
    wrong: frozenset[str]
    problems: tuple[str, ...]


def read_settings(env: Mapping[str, str] | None = None) -> Reading:
    """Read the settings for somebody who goes on with what is right when something is wrong."""
    try:
        return Reading(settings=load_settings(env), wrong=frozenset(), problems=())
    except SettingsProblems as found:
        problems = found.problems
    given = _read(Settings, env)
    right: dict[str, Any] = {}
    for name, field in Settings.model_fields.items():
        kind: TypeAdapter[Any] = TypeAdapter(Annotated[(field.annotation, *field.metadata)])  # type: ignore[arg-type]
        with suppress(ValidationError):
            right[name] = kind.validate_python(given.get(str(field.validation_alias), field.default))
    wrong = Settings.model_fields.keys() - right
    empty = {name: _empty(Settings.model_fields[name]) for name in wrong}
    return Reading(
        settings=Settings.model_construct(**right, **empty), wrong=frozenset(wrong), problems=problems
    )


def _empty(field: FieldInfo) -> Any:
    return SecretStr("") if field.is_required() else field.default


_NO_WAY_IN = (
    "SLACK_SIGNING_SECRET is missing: the signing secret of the app (Basic Information). "
    "Or set SLACK_APP_TOKEN to use Socket Mode, which needs none."
)
_NO_TOKEN = (
    "SLACK_BOT_TOKEN is missing: bot token of the installed app, begins with xoxb- (OAuth & Permissions). "
    "Or set SLACK_CLIENT_ID and SLACK_CLIENT_SECRET to serve several workspaces."
)
_BOTH = (
    "SLACK_BOT_TOKEN and SLACK_CLIENT_ID are both set: keep the first for one workspace, or the second with "
    "SLACK_CLIENT_SECRET for several."
)
_NO_ADDRESS = (
    "STEWARD_PUBLIC_URL is missing: with SLACK_CLIENT_ID people install Steward from its page, "
    "and Slack leads them back to that address."
)
_SEVERAL = {"SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"}


def _at_odds(given: Collection[str]) -> list[str]:
    """Return what settings miss of each other, or say against each other."""
    several = _SEVERAL & set(given)
    problems = [f"{name} is missing beside {other}." for name in _SEVERAL - several for other in several]
    if several and "SLACK_BOT_TOKEN" in given:
        problems.append(_BOTH)
    elif not several and "SLACK_BOT_TOKEN" not in given:
        problems.append(_NO_TOKEN)
    if several and "STEWARD_PUBLIC_URL" not in given:
        problems.append(_NO_ADDRESS)
    if not {"SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"} & set(given):
        problems.append(_NO_WAY_IN)
    return problems


def _read(kind: type[DatabaseSettings], env: Mapping[str, str] | None) -> dict[str, str]:
    found = os.environ if env is None else env
    names = [str(field.validation_alias) for field in kind.model_fields.values()]
    return {name: found[name].strip() for name in names if found.get(name, "").strip()}


def _checked(kind: type[Kind], given: dict[str, Any], problems: list[str]) -> Kind:
    try:
        settings = kind(**given)
    except ValidationError as error:
        raise SettingsProblems([_words(kind, dict(each)) for each in error.errors()] + problems) from None
    if problems:
        raise SettingsProblems(problems)
    return settings


def _words(kind: type[DatabaseSettings], problem: dict[str, Any]) -> str:
    name = str(problem["loc"][0])
    if problem["type"] == "missing":
        field = next(field for field in kind.model_fields.values() if field.validation_alias == name)
        return f"{name} is missing: {field.description}"
    if problem["type"].startswith("int_"):
        return f"{name}: this is not a whole number."
    return f"{name}: {problem['msg'].removeprefix('Value error, ')}"
