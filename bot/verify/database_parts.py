"""Databases that sources and settings describe in parts: a host, an account, a name.

`DATABASES = {"default": {"USER": "me", …}}` of Django, `{host: "db", user: "me", …}` of a driver,
constants that a program puts together, a section of a settings file.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.verify.app_files import AppFiles
from bot.verify.database_addresses import DatabaseAddress
from bot.verify.databases import (
    HOST,
    MYSQL,
    POSTGRESQL,
    REDIS,
    Database,
    DatabaseVariable,
    Role,
    make_role_pattern,
)
from bot.verify.source_variables import find_read_variable

_KEY = r"(?P<key>[A-Za-z_][\w.-]*)[\"'`]?\]?[ \t]*(?:=>|:=|[:=])[ \t]*"
_QUOTED = r"(?:(?P<quote>[\"'`])(?P<text>[^\"'`\n]*)(?P=quote)|(?P<number>\d+)\b)"
_SOURCE_PAIR = re.compile(rf"(?<![\w.-]){_KEY}{_QUOTED}")
# A settings file needs no quotes, and a password may be missing.
_SETTING_PAIR = re.compile(
    rf"(?m)^[ \t]*[\"']?{_KEY}(?:{_QUOTED}|(?P<plain>[^\s\"'#,{{}}\[\]]*))[ \t]*,?[ \t]*(?:#.*)?$"
)
# `host: process.env.HOST`, `'PORT': int(env("PORT"))`
_READ_PAIR = re.compile(rf"(?<![\w.-]){_KEY}(?P<read>[^,;\n]{{0,80}})")
_WORD_BREAK = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[.-]")
_HOST = re.compile(r"(?P<host>[\w.-]+)(?::(?P<port>\d{1,5}))?")
# What stands for a value that comes from elsewhere: `${DB_USER}`, `<user>`, `{{ user }}`.
_GAP = re.compile(r"[${}<>%]")
# Without a value, any other key of a settings file is the name of a section.
_MAY_BE_EMPTY = ("PASSWORD", "PASS", "PASSWD", "PWD")
# A section has few other keys between those of the account, and its name is above the first.
_MAX_LINES_BETWEEN = 4
_LINES_ABOVE = 3
_SQL = (POSTGRESQL, MYSQL)


@dataclass(frozen=True, slots=True)
class _Pair:
    """A value that has a meaning for a database, in a line of a text."""

    role: Role
    value: str
    line: int


def find_database_parts(
    app: AppFiles, database: Database, databases: Collection[Database]
) -> DatabaseAddress | None:
    """Return the first description of a database; None if there is none.

    Where the text beside it does not say what database it is of, it is of the only one of
    `databases`, those that the application uses.
    """
    if database not in (*_SQL, REDIS):
        return None
    is_only = [x for x in databases if x.is_generic] == [database]
    patterns = ((app.program_sources, _SOURCE_PAIR), (app.setting_texts, _SETTING_PAIR))
    for texts, pattern in patterns:
        for text in texts.values():
            if address := _find_in_text(text, pattern, database, is_only=is_only):
                return address
    return None


def list_part_variables(
    app: AppFiles, databases: Collection[Database]
) -> Mapping[str, DatabaseVariable]:
    """Return the variables that the parts of a description are read from, by their names.

    `HOST` alone says nothing; `host: process.env.HOST` beside an account is a database's.
    """
    variables: dict[str, DatabaseVariable] = {}
    generic = [x for x in databases if x.is_generic]
    for database in filter(_SQL.__contains__, databases):
        for text in app.program_sources.values():
            for group in _list_groups(text, _READ_PAIR, database):
                is_whole = {Role.USER, Role.NAME} <= {pair.role for pair in group}
                if is_whole and _is_meant(database, text, group, is_only=generic == [database]):
                    for pair in group:
                        variable = DatabaseVariable(pair.value, database, pair.role)
                        variables.setdefault(pair.value, variable)
    return variables


def _find_in_text(
    text: str, pattern: re.Pattern[str], database: Database, *, is_only: bool
) -> DatabaseAddress | None:
    for group in _list_groups(text, pattern, database):
        if _is_meant(database, text, group, is_only=is_only):
            address = _make_address(database, {pair.role: pair.value for pair in group})
            if address:
                return address
    return None


def _is_meant(database: Database, text: str, group: Sequence[_Pair], *, is_only: bool) -> bool:
    """Return True if the text near a group names a database, or none where it is the only one."""
    lines = text.split("\n")[max(group[0].line - _LINES_ABOVE, 0) : group[-1].line + 1]
    nearby = "\n".join(lines)
    kinds = [x for x in (_SQL if database in _SQL else (REDIS,)) if x.mark.search(nearby)]
    return database in kinds or (is_only and not kinds)


def _list_groups(text: str, pattern: re.Pattern[str], database: Database) -> Iterator[list[_Pair]]:
    """Yield the pairs that are near each other, each role once."""
    group: list[_Pair] = []
    for pair in _list_pairs(text, pattern, database):
        is_far = bool(group) and pair.line - group[-1].line > _MAX_LINES_BETWEEN
        if is_far or pair.role in {x.role for x in group}:
            yield group
            group = []
        group.append(pair)
    if group:
        yield group


def _list_pairs(text: str, pattern: re.Pattern[str], database: Database) -> Iterator[_Pair]:
    roles = make_role_pattern(database)
    line, end = 0, 0
    for match in pattern.finditer(text):
        key = _WORD_BREAK.sub("_", match["key"]).upper()
        role = roles.fullmatch(key)
        line, end = line + text.count("\n", end, match.start("key")), match.start("key")
        groups = match.groupdict()
        if "read" in groups:
            value = find_read_variable(groups["read"])
            is_section = not value
        else:
            value = groups["text"] or groups["number"] or groups.get("plain") or ""
            is_section = not value and groups["quote"] is None and not key.endswith(_MAY_BE_EMPTY)
        if role and role.lastgroup and not is_section:
            yield _Pair(Role(role.lastgroup), value, line)


def _make_address(database: Database, values: Mapping[Role, str]) -> DatabaseAddress | None:
    """Return an address; None without an account, or a host for what needs no account."""
    if any(_GAP.search(value) for value in values.values()):
        return None
    user, name = values.get(Role.USER, ""), values.get(Role.NAME, "")
    is_described = bool(user and name) and bool(
        {Role.HOST, Role.ADDRESS, Role.PASSWORD} & {*values}
    )
    if database is REDIS:
        is_described = bool({Role.HOST, Role.ADDRESS} & {*values})
    host = _HOST.fullmatch(values.get(Role.HOST) or values.get(Role.ADDRESS) or HOST)
    if not is_described or host is None:
        return None
    port = values.get(Role.PORT) or host["port"] or ""
    password = values.get(Role.PASSWORD, "")
    number = int(port) if port.isdecimal() else database.port
    return DatabaseAddress(database, host["host"], number, user, password, name)
