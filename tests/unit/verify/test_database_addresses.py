"""Addresses of databases that sources spell out."""

import pytest

from bot.verify.app_files import AppFiles
from bot.verify.database_addresses import DatabaseAddress, find_database_address
from bot.verify.databases import MYSQL, POSTGRESQL, Database
from tests.support.image_pair_world import SHELL, make_image


def find(text: str, database: Database, path: str = "app/main.go") -> DatabaseAddress | None:
    image = make_image(SHELL, copy={path: text}, workdir="/app")
    return find_database_address(AppFiles(image), database)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'sql.Open("mysql", "root:@/goods")',
            DatabaseAddress(MYSQL, "localhost", 3306, "root", "", "goods"),
        ),
        (
            '// don\'t change\n\tdsn := "me:x@tcp(db:3307)/goods?parseTime=true"',
            DatabaseAddress(MYSQL, "db", 3307, "me", "x", "goods"),
        ),
        (
            'URL = "mysql+pymysql://me:p%40ss@db/goods"',
            DatabaseAddress(MYSQL, "db", 3306, "me", "p@ss", "goods"),
        ),
        (
            "create_engine('postgresql+asyncpg://me:x@localhost:5432/goods')",
            DatabaseAddress(POSTGRESQL, "localhost", 5432, "me", "x", "goods"),
        ),
        (
            'dsn := "host=db user=me password=x dbname=goods port=5433 sslmode=disable"',
            DatabaseAddress(POSTGRESQL, "db", 5433, "me", "x", "goods"),
        ),
        (
            'connect("dbname=goods user=me")',
            DatabaseAddress(POSTGRESQL, "localhost", 5432, "me", "", "goods"),
        ),
    ],
)
def test_an_address_with_its_account(text: str, expected: DatabaseAddress) -> None:
    assert find(text, expected.database) == expected
    other = POSTGRESQL if expected.database is MYSQL else MYSQL
    assert find(text, other) is None


def test_a_setting_has_an_address() -> None:
    text = "database:\n  url: postgres://me:x@db/goods\n"
    address = find(text, POSTGRESQL, "app/config.yaml")
    assert address == DatabaseAddress(POSTGRESQL, "db", 5432, "me", "x", "goods")


@pytest.mark.parametrize(
    "text",
    [
        'fmt.Sprintf("%s:%s@tcp(%s)/%s", user, password, address, name)',
        'f"postgresql://{user}:{password}@{host}/{name}"',
        '"postgres://${USER}:${PASSWORD}@db/goods"',
        '"host=%s user=%s password=%s dbname=%s"',
        '"https://me:x@example.com/goods"',
        '"mail me@example.com/goods"',
    ],
)
def test_what_is_filled_in_at_run_time_is_no_address(text: str) -> None:
    assert find(text, POSTGRESQL) is None
    assert find(text, MYSQL) is None
