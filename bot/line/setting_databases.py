"""Settings with the databases that an application needs where no compose file describes them.

The program reads their addresses and accounts from variables, so both are chosen here: the account
is any, and the host is the container's own loopback, on which its services run.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from bot.line.setting_attempts import (
    Setting,
    list_own_names,
    list_settings,
    make_settings,
    wants_file,
)
from bot.line.setting_sources import SettingSources
from bot.model.service_container import ServiceContainer
from bot.model.start_settings import StartSettings
from bot.verify.app_files import AppFiles
from bot.verify.database_addresses import find_database_address
from bot.verify.database_parts import find_database_parts, list_part_variables
from bot.verify.databases import (
    HOST,
    MONGODB,
    MYSQL,
    POSTGRESQL,
    REDIS,
    Database,
    DatabaseVariable,
    Role,
    find_driver_source,
    list_database_variables,
    list_databases,
    list_spring_variables,
)
from bot.verify.image_pair import ImagePair
from bot.verify.missing_services import find_missing_service
from bot.verify.setting_values import make_placeholder
from bot.verify.source_variables import list_read_variables, list_reader_texts

_ACCOUNT = "app"
# What may stand in an address without an escape, and is no account that a database has anyway.
_PLAIN_NAME = re.compile(r"(?!root$)[A-Za-z_]\w{0,30}")
# Go prints the last address that it tried for localhost: `MongoDB at [::1]:27017`
_SERVICE = re.compile(r"(\w+) at (?:\[::1\]|([\w.-]+))")
_SCHEME = re.compile(r"[\w+]+(?=://)")
_JVM_SOURCES = (".java", ".kt", ".scala", ".groovy", ".properties", ".yml", ".yaml")
_MYSQL_OVER_JDBC = "?allowPublicKeyRetrieval=true&useSSL=false"


@dataclass(frozen=True, slots=True)
class _Account:
    """The account of a database; without a password where no variable has one."""

    user: str
    password: str
    name: str


def make_database_settings(
    pair: ImagePair, sources: SettingSources, outputs: Collection[str]
) -> StartSettings | None:
    """Return settings with the databases that sources and outputs name; None without any.

    `outputs` are what the old image said without them.
    """
    settings = list_settings(pair, sources.groups)
    readers = {**list_spring_variables(pair.old_app), **list_read_variables(pair.old_app)}
    databases = list_databases(pair.old_app)
    variables = _list_variables(pair.old_app, {**readers, **settings}, databases)
    services: list[ServiceContainer] = []
    for database in databases:
        own = [x for x in variables if x.database is database]
        hosts = _list_hosts(database, outputs)
        if own or (hosts and database in (REDIS, MONGODB)):
            account = _choose_account(own, settings)
            services.append(_make_service(database, account, hosts, own))
            driver = find_driver_source(pair.old_app, database)
            chosen_settings = _set_variables(own, account, settings, readers, driver)
            settings.update((x.name, x) for x in chosen_settings)
        elif service := _make_addressed_service(pair.old_app, database, databases, hosts):
            services.append(service)
    if not services:
        return None
    names = {x.name for x in variables}
    chosen = (x for x in settings.values() if x.name in names or x.name not in list_own_names(pair))
    start_settings = make_settings(chosen, has_file=wants_file(pair, *outputs))
    return replace(start_settings, services=tuple(services))


def _list_variables(
    app: AppFiles, names: Iterable[str], databases: Collection[Database]
) -> list[DatabaseVariable]:
    """List the variables for databases: by their names, or by the part that they are read for."""
    named = list_database_variables(names, databases, list_reader_texts(app))
    return [*{**list_part_variables(app, databases), **{x.name: x for x in named}}.values()]


def _make_addressed_service(
    app: AppFiles, database: Database, databases: Collection[Database], hosts: tuple[str, ...]
) -> ServiceContainer | None:
    """Return a database as sources or settings describe it, with its account; None if none does.

    One at another port than usual is not set up.
    """
    address = find_database_address(app, database) or find_database_parts(app, database, databases)
    if address is None or address.port != database.port:
        return None
    account = _Account(address.user, address.password, address.name)
    return _make_service(database, account, (address.host, *hosts), ())


def _list_hosts(database: Database, outputs: Iterable[str]) -> tuple[str, ...]:
    """List the names under which the program looks for a database."""
    matches = (_SERVICE.match(find_missing_service(output)) for output in outputs)
    named = (match[2] or HOST for match in matches if match and match[1] == database.name)
    return tuple(dict.fromkeys(named))


def _choose_account(
    variables: Iterable[DatabaseVariable], settings: Mapping[str, Setting]
) -> _Account:
    """Return the account of a project's example, or any; what is no plain name is replaced."""
    values: dict[Role, str] = {}
    for variable in variables:
        setting = settings.get(variable.name)
        is_plain = setting is not None and _PLAIN_NAME.fullmatch(setting.value)
        values.setdefault(variable.role, setting.value if setting and is_plain else _ACCOUNT)
    has_password = Role.PASSWORD in values or Role.URL in values
    return _Account(
        values.get(Role.USER, _ACCOUNT),
        make_placeholder("database") if has_password else "",
        values.get(Role.NAME, _ACCOUNT),
    )


def _set_variables(
    variables: Iterable[DatabaseVariable],
    account: _Account,
    settings: Mapping[str, Setting],
    readers: Mapping[str, str],
    driver: str,
) -> Iterator[Setting]:
    """Yield the variables that lead to a database, which a source `driver` names."""
    for variable in variables:
        name = variable.name
        setting = settings.get(name)
        reader = readers.get(name, "")
        example = setting.value if setting else ""
        value = _choose_value(variable, account, example, reader or driver)
        origin = f", which {reader} reads" if reader else setting.origin if setting else ""
        is_secret = variable.role in (Role.PASSWORD, Role.URL)
        yield Setting(name, value, f"{name} (a placeholder)" if is_secret else name, origin)


def _choose_value(variable: DatabaseVariable, account: _Account, example: str, reader: str) -> str:
    database = variable.database
    if variable.role is Role.URL:
        return _make_url(database, account, example, reader)
    values = {
        Role.ADDRESS: f"{HOST}:{database.port}",
        Role.HOST: HOST,
        Role.PORT: str(database.port),
        Role.USER: account.user,
        Role.PASSWORD: account.password,
        Role.NAME: "0" if database is REDIS else account.name,
        Role.SSL: "disable",
    }
    return values[variable.role]


def _make_url(database: Database, account: _Account, example: str, reader: str) -> str:
    """Return the address of a database as the driver of a language reads it.

    The scheme of an example stays (`postgresql+asyncpg`), and so do its parameters.
    """
    address = f"{HOST}:{database.port}"
    login = f"{account.user}:{account.password}"
    if database is MYSQL and reader.endswith(".go") and "://" not in example:
        return f"{login}@tcp({address})/{account.name}?parseTime=true"
    if reader.endswith(_JVM_SOURCES) or example.startswith("jdbc:"):
        end = _MYSQL_OVER_JDBC if database is MYSQL else ""
        return f"jdbc:{database.scheme}://{address}/{account.name}{end}"
    scheme = _SCHEME.match(example)
    parameters = example.partition("?")[2]
    if database is POSTGRESQL and reader.endswith(".go") and not parameters:
        parameters = "sslmode=disable"
    path = "0" if database is REDIS else account.name
    before = f":{account.password}@" if database is REDIS else f"{login}@"
    if database is MONGODB:
        before, parameters = "", ""
    end = f"?{parameters}" if parameters else ""
    return f"{scheme[0] if scheme else database.scheme}://{before}{address}/{path}{end}"


def _make_service(
    database: Database,
    account: _Account,
    hosts: tuple[str, ...],
    variables: Iterable[DatabaseVariable],
) -> ServiceContainer:
    """Return the container of a database that is set up with an account."""
    roles = {variable.role for variable in variables}
    command = None
    environment: dict[str, str] = {}
    if database is POSTGRESQL:
        environment = _set_up_postgresql(account)
    elif database is MYSQL:
        environment = _set_up_mysql(account)
    elif database is REDIS and account.password:
        command = ("redis-server", "--requirepass", account.password)
    elif database is MONGODB and {Role.USER, Role.PASSWORD} <= roles:
        environment["MONGO_INITDB_ROOT_USERNAME"] = account.user
        environment["MONGO_INITDB_ROOT_PASSWORD"] = account.password
    return ServiceContainer(
        name=database.name.lower(),
        image=database.image,
        hosts=tuple(dict.fromkeys((HOST, *hosts))),
        variables=tuple(environment.items()),
        command=command,
        ports=(database.port,),
    )


def _set_up_postgresql(account: _Account) -> dict[str, str]:
    """Return the variables with which the image of PostgreSQL makes an account."""
    password = {"POSTGRES_PASSWORD": account.password}
    trust = {"POSTGRES_HOST_AUTH_METHOD": "trust"}
    own = {"POSTGRES_USER": account.user, "POSTGRES_DB": account.name}
    return {**own, **(password if account.password else trust)}


def _set_up_mysql(account: _Account) -> dict[str, str]:
    """Return the variables with which the image of MySQL makes an account; root is one anyway."""
    variables = {"MYSQL_DATABASE": account.name}
    if account.user == "root" and not account.password:
        return {**variables, "MYSQL_ALLOW_EMPTY_PASSWORD": "yes"}
    # The image makes no other account without a password.
    password = account.password or make_placeholder("database")
    if account.user != "root":
        variables |= {"MYSQL_USER": account.user, "MYSQL_PASSWORD": password}
    return {**variables, "MYSQL_ROOT_PASSWORD": password}
