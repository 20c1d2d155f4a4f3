"""Databases that an application needs, by the variables that it reads and the drivers it names.

Many a project has no compose file that says what stands behind `DATABASE_URL`. Its sources do: they
name the driver, and the variables name the host, the account and the database.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from types import MappingProxyType

from bot.verify.app_files import AppFiles
from bot.verify.build_residue import is_dependency

HOST = "localhost"


class Role(StrEnum):
    """The meaning of a variable for a database."""

    URL = "url"
    ADDRESS = "address"  # host and port
    HOST = "host"
    PORT = "port"
    USER = "user"
    PASSWORD = "password"  # noqa: S105 - a role
    NAME = "name"  # of the database
    SSL = "ssl"


@dataclass(frozen=True, slots=True)
class Database:
    """A kind of database: the image that it is started from, and its port.

    `prefix` is that of variables for it, `mark` the text by which sources show that they use it.
    `is_generic` where `DB_HOST` and `DATABASE_URL` may be for it.
    """

    name: str
    image: str
    port: int
    scheme: str
    prefix: str
    mark: re.Pattern[str]
    is_generic: bool = True


POSTGRESQL = Database(
    *("PostgreSQL", "postgres:17", 5432, "postgresql", "POSTGRES(?:QL)?|PG|PSQL"),
    re.compile(r"(?i)postgres|psycopg|asyncpg|jackc/pgx|lib/pq|[\"'](?:pg|pgsql)[\"']"),
)
MYSQL = Database(
    *("MySQL", "mysql:8.4", 3306, "mysql", "MYSQL|MARIADB"), re.compile(r"(?i)mysql|mariadb")
)
REDIS = Database(
    *("Redis", "redis:7", 6379, "redis", "REDIS"), re.compile(r"(?i)redis"), is_generic=False
)
MONGODB = Database(
    *("MongoDB", "mongo:7", 27017, "mongodb", "MONGO(?:DB)?"), re.compile(r"(?i)mongo")
)
DATABASES = (POSTGRESQL, MYSQL, REDIS, MONGODB)

_MANIFEST = re.compile(
    r"(?:^|/)(?:requirements[\w.-]*\.txt|Pipfile|package\.json|Gemfile|go\.mod|composer\.json)$"
)
_MAX_MANIFESTS = 10
# `spring.datasource.url=…`, or `datasource:` in YAML with its `url: jdbc:…` below
_SPRING_SOURCE = re.compile(
    r"(?m)^[ \t]*(?:spring\.datasource\.url\b"
    r"|datasource:[ \t]*\r?\n(?:[ \t]+[^\n]*\n){0,20}?[ \t]+url:)"
)
_SPRING_VARIABLES = tuple(f"SPRING_DATASOURCE_{x}" for x in ("URL", "USERNAME", "PASSWORD"))
_GENERIC = "DB|DATABASE|SQL|SPRING_DATASOURCE"
_ROLES = {
    Role.URL: r"UR[LI]|DSN|(?:CONN(?:ECTION)?_?)?STR(?:ING)?",
    Role.ADDRESS: r"ADDR(?:ESS)?",
    Role.HOST: r"HOST(?:_?NAME)?|SERVER(?:_?NAME)?",
    Role.PORT: r"PORT",
    Role.USER: r"USER(?:_?NAME)?",
    Role.PASSWORD: r"PASS(?:WORD|WD)?|PWD",
    Role.NAME: r"(?:(?:DB|DATABASE)_?)?NAME|DB|DATABASE",
    Role.SSL: r"SSL_?MODE",
}
_ROLE = "|".join(f"(?P<{role}>{pattern})" for role, pattern in _ROLES.items())


@dataclass(frozen=True, slots=True)
class DatabaseVariable:
    """A variable that tells a program where a database is, or its account there."""

    name: str
    database: Database
    role: Role


def make_role_pattern(database: Database) -> re.Pattern[str]:
    """Return the pattern of a key in capitals that has a meaning for a database, such as `DB_USER`.

    Without a prefix, as in `user`, the key is of a section for the database.
    """
    prefixes = f"{database.prefix}|{_GENERIC}" if database.is_generic else database.prefix
    return re.compile(rf"(?:(?:{prefixes})_?)?(?:{_ROLE})")


def list_databases(app: AppFiles) -> list[Database]:
    """List the kinds of databases that an application's sources name, or else its dependencies.

    SQLAlchemy finds psycopg2 by the scheme of an address, and no source names it.
    """
    texts = [*app.program_sources.values(), *app.setting_texts.values()]
    return _list_named(texts) or _list_named(_read_manifests(app))


def find_driver_source(app: AppFiles, database: Database) -> str:
    """Return the path of the first source that names a database; empty if none does."""
    sources = app.program_sources.items()
    return next((path for path, text in sources if database.mark.search(text)), "")


def _list_named(texts: Collection[str]) -> list[Database]:
    return [x for x in DATABASES if any(x.mark.search(text) for text in texts)]


def _read_manifests(app: AppFiles) -> list[str]:
    """Return the files in which an application declares its dependencies."""
    own = [
        path
        for path in app.image.tree
        if _MANIFEST.search(path) and app.is_in_app(path) and not is_dependency(path)
    ]
    texts = [app.image.read_text(path) for path in own[:_MAX_MANIFESTS]]
    sent = (path for path in app.context.file_sizes if _MANIFEST.search(path))
    return texts or [app.context.read_text(path) for path in islice(sent, _MAX_MANIFESTS)]


def list_spring_variables(app: AppFiles) -> Mapping[str, str]:
    """Return the variables that Spring Boot reads in place of a data source's settings.

    Each has the path of the file with these settings. See
    https://docs.spring.io/spring-boot/reference/features/external-config.html
    """
    folder = f"{app.image.workdir.strip('/')}/"
    for path, text in app.setting_texts.items():
        if _SPRING_SOURCE.search(text):
            return dict.fromkeys(_SPRING_VARIABLES, f"/{path}".removeprefix(f"/{folder}"))
    return {}


def list_database_variables(
    names: Iterable[str],
    databases: Iterable[Database],
    reader_texts: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[DatabaseVariable]:
    """Yield the variables among the names that are for one of the databases.

    Of a name like `DB_HOST`, it must be clear which one is meant: it is the only one, or the only
    one that the source names which reads the variable. `reader_texts` are these sources.
    """
    kinds = list(databases)
    for name in names:
        patterns: Mapping[str, Database] = {x.prefix: x for x in kinds}
        if generic := _find_generic(kinds, reader_texts.get(name, "")):
            patterns = {**patterns, _GENERIC: generic}
        for prefix, database in patterns.items():
            match = re.search(rf"(?:^|_)(?:{prefix})_?(?:{_ROLE})$", name)
            if match and match.lastgroup:
                yield DatabaseVariable(name, database, Role(match.lastgroup))
                break


def _find_generic(databases: Iterable[Database], reader: str) -> Database | None:
    """Return the database that names without its own prefix are for; None if it may be several.

    Generated code and libraries name more databases than a program uses.
    """
    generic = [x for x in databases if x.is_generic]
    named = [x for x in generic if x.mark.search(reader)]
    return next((kinds[0] for kinds in (generic, named) if len(kinds) == 1), None)
