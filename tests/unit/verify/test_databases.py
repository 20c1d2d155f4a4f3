"""Databases that sources name, and the variables that are for them."""

import pytest

from bot.dockerfile.build_context import BuildContext
from bot.verify.app_files import AppFiles
from bot.verify.databases import (
    DATABASES,
    MONGODB,
    MYSQL,
    POSTGRESQL,
    REDIS,
    Database,
    Role,
    list_database_variables,
    list_databases,
)
from tests.support.image_pair_world import SHELL, make_image


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("app/db.js", 'const { Pool } = require("pg")', [POSTGRESQL]),
        ("app/db.py", "import psycopg2", [POSTGRESQL]),
        ("app/main.go", 'import _ "github.com/lib/pq"', [POSTGRESQL]),
        ("app/db.rb", 'adapter: "mysql2"', [MYSQL]),
        ("app/db.js", "new Redis(); mongoose.connect()", [REDIS, MONGODB]),
        ("app/application.yml", "url: jdbc:mariadb://db/app", [MYSQL]),
        ("app/db.js", "const page = 1;", []),
        ("app/node_modules/pg/index.js", "postgres", []),
        ("app/requirements.txt", "sqlmodel\npsycopg2-binary==2.9.10\n", [POSTGRESQL]),
        ("app/package.json", '{"dependencies": {"pg": "^8"}}', [POSTGRESQL]),
        ("app/node_modules/x/package.json", '{"dependencies": {"pg": "^8"}}', []),
    ],
)
def test_sources_name_their_databases(path: str, text: str, expected: list[Database]) -> None:
    image = make_image(SHELL, copy={path: text}, workdir="/app")
    assert list_databases(AppFiles(image)) == expected


def test_what_sources_name_is_preferred_to_dependencies() -> None:
    files = {"app/db.py": "import psycopg2", "app/requirements.txt": "mysqlclient\npsycopg2\n"}
    image = make_image(SHELL, copy=files, workdir="/app")
    assert list_databases(AppFiles(image)) == [POSTGRESQL]


def test_files_of_the_context_name_them_where_they_were_compiled() -> None:
    texts = {"src/main/resources/application.properties": "url=jdbc:postgresql://db/app"}
    context = BuildContext(dict.fromkeys(texts, 40), read_text=lambda path: texts[path])
    assert list_databases(AppFiles(make_image(SHELL), context)) == [POSTGRESQL]


@pytest.mark.parametrize(
    ("name", "database", "role"),
    [
        ("DATABASE_URL", POSTGRESQL, Role.URL),
        ("DB_HOST", POSTGRESQL, Role.HOST),
        ("APP_DB_PASS", POSTGRESQL, Role.PASSWORD),
        ("DBNAME", POSTGRESQL, Role.NAME),
        ("DB_DATABASE", POSTGRESQL, Role.NAME),
        ("DB_SSLMODE", POSTGRESQL, Role.SSL),
        ("PGPORT", POSTGRESQL, Role.PORT),
        ("POSTGRES_DB", POSTGRESQL, Role.NAME),
        ("POSTGRES_CONNECTION_STRING", POSTGRESQL, Role.URL),
        ("SPRING_DATASOURCE_USERNAME", POSTGRESQL, Role.USER),
        ("REDIS_ADDR", REDIS, Role.ADDRESS),
        ("REDIS_URI", REDIS, Role.URL),
    ],
)
def test_a_variable_is_for_a_database(name: str, database: Database, role: Role) -> None:
    (variable,) = list_database_variables([name], [POSTGRESQL, REDIS])
    assert (variable.database, variable.role) == (database, role)


@pytest.mark.parametrize(
    "name", ["PORT", "HOST", "API_URL", "DB_POOL_SIZE", "REDIS", "USER", "NAME"]
)
def test_other_variables_are_for_none(name: str) -> None:
    assert not list(list_database_variables([name], DATABASES))


def test_a_name_that_may_be_for_two_is_for_none() -> None:
    assert not list(list_database_variables(["DB_HOST"], [POSTGRESQL, MYSQL]))
    assert not list(list_database_variables(["DB_HOST"], [REDIS]))
    (variable,) = list_database_variables(["MYSQL_HOST"], [POSTGRESQL, MYSQL])
    assert variable.database is MYSQL


def test_the_source_that_reads_a_variable_says_which_one_is_meant() -> None:
    def list_for(text: str) -> list[Database]:
        variables = list_database_variables(["DB_HOST"], [POSTGRESQL, MYSQL], {"DB_HOST": text})
        return [x.database for x in variables]

    assert list_for('import _ "github.com/lib/pq"') == [POSTGRESQL]
    assert list_for("case dialect.MySQL, dialect.Postgres:") == []
    assert list_for("package store") == []
