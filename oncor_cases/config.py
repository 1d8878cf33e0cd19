"""Settings of one installation, read from the environment once, at the outer floors only (cli, web, flows).

Everything below gets values as arguments. Each setting is described in SETTINGS; README and docs/settings.md list the
same names (tests/docs/test_documented.py)."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import platformdirs

from oncor_cases.kernel.errors import UserError
from oncor_cases.kernel.numbers import whole

# name → (default as shown to people, what it is for)
SETTINGS: dict[str, tuple[str, str]] = {
    "ONCOR_HOME": ("каталог данных пользователя", "папка данных: база, приём документов, журналы, служебная база Prefect"),
    "DATABASE_URL": ("", "внешний PostgreSQL 15-18; пусто — встроенный сервер в папке данных"),
    "ONCOR_REGION": ("1", "номер региона этой установки"),
    "ONCOR_TIMEZONE": ("Europe/Moscow", "часовой пояс региона: день системы и время расписаний"),
    "ONCOR_DROP": ("ONCOR_HOME/drop", "папка приёма: новый файл обрабатывается сразу"),
    "ONCOR_HOST": ("127.0.0.1", "адрес, на котором слушают веб и Prefect"),
    "ONCOR_PORT": ("8000", "порт веба"),
    "ONCOR_PREFECT_PORT": ("4200", "порт сервера Prefect"),
    "ONCOR_PREFECT_DATABASE_URL": (
        "",
        "база Prefect (postgresql+asyncpg://…, нужен pg_trgm); пусто — SQLite в папке данных",
    ),
    "ONCOR_PASSWORD": ("", "пароль для `oncor account` в сценариях, чтобы не вводить его с клавиатуры"),
    "ONCOR_PURE": ("0", "1 — правила идут обычным Python, даже если ядро собрано (`make core`)"),
    "ONCOR_TODAY": ("", "день системы ГГГГ-ММ-ДД; действует только в демонстрационной базе"),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation. Paths are absolute; `today` is what ONCOR_TODAY asks for, obeyed only by a demo store."""

    home: Path
    database_url: str
    region: int
    timezone: str
    drop: Path
    host: str
    port: int
    prefect_port: int
    prefect_database_url: str
    today: date | None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def prefect_home(self) -> Path:
        """Everything Prefect keeps on disk; disposable, the truth lives in our tables."""
        return self.home / "prefect"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    def now(self) -> datetime:
        """The moment, aware, in the region's zone: the only place where the clock is read besides PostgreSQL."""
        return datetime.now(self.zone)

    def day(self, *, demo: bool) -> date:
        """`today` for everything below: the region's calendar day, or ONCOR_TODAY in a demo store."""
        return self.today if demo and self.today else self.now().date()


def read(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment. Raises UserError naming the setting that cannot be read."""
    env = os.environ if environment is None else environment
    home = Path(env.get("ONCOR_HOME") or platformdirs.user_data_path("oncor-cases", appauthor=False)).expanduser().resolve()
    zone = env.get("ONCOR_TIMEZONE") or "Europe/Moscow"
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise UserError("ONCOR_TIMEZONE: такого часового пояса нет") from error
    return Settings(
        home=home,
        database_url=env.get("DATABASE_URL", ""),
        region=_number(env, "ONCOR_REGION", 1),
        timezone=zone,
        drop=Path(env.get("ONCOR_DROP") or home / "drop").expanduser().resolve(),
        host=env.get("ONCOR_HOST") or "127.0.0.1",
        port=_number(env, "ONCOR_PORT", 8000),
        prefect_port=_number(env, "ONCOR_PREFECT_PORT", 4200),
        prefect_database_url=env.get("ONCOR_PREFECT_DATABASE_URL", ""),
        today=_day(env, "ONCOR_TODAY"),
    )


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    return whole(env.get(name) or str(default), 0, 65_535, name)


def _day(env: Mapping[str, str], name: str) -> date | None:
    try:
        return date.fromisoformat(env[name]) if env.get(name) else None
    except ValueError as error:
        raise UserError(f"{name}: нужна дата ГГГГ-ММ-ДД") from error
