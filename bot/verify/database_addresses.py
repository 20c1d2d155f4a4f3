"""Addresses of databases that sources spell out, with the account that the program uses there."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from bot.verify.app_files import AppFiles
from bot.verify.databases import HOST, MYSQL, POSTGRESQL, Database

# A quoted text, or the value of a setting; looked for at each quote, since comments have some, too.
_LITERAL = re.compile(r"(?=[\"'`]([^\"'`\n]{8,300})[\"'`]|[:=][ \t]*([^\s\"'`#]{8,300}))")
_ACCOUNT = r"(?P<user>[\w.-]+)(?::(?P<password>[^\s@/:{}$<>]*))?@"
_PLACE = r"(?P<host>[\w.-]+)?(?::(?P<port>\d{1,5}))?"
_END = r"/(?P<name>[\w-]+)(?:\?\S*)?"
# `postgresql+asyncpg://shop:secret@db:5432/goods?schema=public`
_URL = re.compile(
    rf"(?P<scheme>postgres(?:ql)?|mysql|mariadb)(?:\+\w+)?://{_ACCOUNT}{_PLACE}{_END}"
)
# `root:secret@tcp(127.0.0.1:3306)/goods`, of the driver of Go
_GO_MYSQL = re.compile(rf"{_ACCOUNT}(?:tcp)?(?:\({_PLACE}\))?{_END}")
# `host=localhost user=shop password=secret dbname=goods`: libpq and the drivers of Go
_KEYWORDS = ("host", "port", "user", "password")
_KEYWORD_VALUE = re.compile(r"[^{}$<>%]*")


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """A database of an account, and where the program looks for it."""

    database: Database
    host: str
    port: int
    user: str
    password: str
    name: str


def find_database_address(app: AppFiles, database: Database) -> DatabaseAddress | None:
    """Return the first address of a database that the sources and settings have; None if none."""
    for text in (*app.program_sources.values(), *app.setting_texts.values()):
        for literal in _list_literals(text):
            address = _read_address(literal)
            if address and address.database is database:
                return address
    return None


def _list_literals(text: str) -> Iterator[str]:
    for match in _LITERAL.finditer(text):
        yield match[1] or match[2]


def _read_address(literal: str) -> DatabaseAddress | None:
    """Return the address that a text is; None for any other, and for one with gaps to be filled."""
    if match := _URL.fullmatch(literal):
        database = POSTGRESQL if match["scheme"].startswith("postgres") else MYSQL
        return _make_address(database, match.groupdict())
    if match := _GO_MYSQL.fullmatch(literal):
        return _make_address(MYSQL, match.groupdict())
    words = [word.partition("=") for word in literal.split()]
    values = {key: value for key, equals, value in words if equals}
    if len(values) < len(words) or not {"user", "dbname"} <= values.keys():
        return None
    if not all(_KEYWORD_VALUE.fullmatch(value) for value in values.values()):
        return None
    parts: Mapping[str, str | None] = {x: values.get(x) for x in _KEYWORDS}
    return _make_address(POSTGRESQL, {**parts, "name": values["dbname"]})


def _make_address(database: Database, parts: Mapping[str, str | None]) -> DatabaseAddress:
    port = parts["port"] or ""
    return DatabaseAddress(
        database,
        parts["host"] or HOST,
        int(port) if port.isdecimal() else database.port,
        unquote(parts["user"] or ""),
        unquote(parts["password"] or ""),
        parts["name"] or "",
    )
