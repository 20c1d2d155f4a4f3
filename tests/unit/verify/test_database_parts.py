"""Databases that are described in parts."""

import pytest

from bot.verify.app_files import AppFiles
from bot.verify.database_addresses import DatabaseAddress
from bot.verify.database_parts import find_database_parts, list_part_variables
from bot.verify.databases import MYSQL, POSTGRESQL, REDIS, Database, Role, list_databases
from tests.support.image_pair_world import SHELL, make_image

DJANGO = """
DATABASES = {
    'default': {
        'ENGINE': 'django.db.backends.postgresql',
        'NAME': 'goods',
        'USER': 'me',
        'PASSWORD': 'x',
        'HOST': 'db',
        'PORT': '5432',
    }
}
"""
NODE = 'const db = mysql.createConnection({ host: "db", user: "me", password: "x", database: "goods" })'
GO = """
import _ "github.com/lib/pq"

var retries = 3

const (
	host     = "db"
	port     = 5432
	user     = "me"
	password = "x"
	dbname   = "goods"
)
"""
PSYCOPG = (
    "import psycopg2\n\n\n\npsycopg2.connect(host='db', dbname='goods', user='me', password='x')"
)
PHP = """
$servername = "db";
$username = "me";
$password = "x";
$dbname = "goods";
$link = new mysqli($servername, $username, $password, $dbname);
"""
FLASK = """
app.config['MYSQL_HOST'] = 'db'
app.config['MYSQL_USER'] = 'me'
app.config['MYSQL_PASSWORD'] = 'x'
app.config['MYSQL_DB'] = 'goods'
"""
YAML = """
db:
  user: me
  pass: "x"
  name: "goods"
  host: db  # the service
  port: 3306
redis:
  host: "cache"
  port: "6379"
  password: ""
  db: 0
"""
JSON = '{\n "MySql": {\n  "DatabaseName": "goods",\n  "UserName": "me",\n  "Password": "x"\n }\n}\n'
PROPERTIES = "db.host=db\ndb.user=me\ndb.password=x\ndb.name=goods\n"


def find(files: dict[str, str], database: Database) -> DatabaseAddress | None:
    app = AppFiles(make_image(SHELL, copy=files, workdir="/app"))
    return find_database_parts(app, database, list_databases(app))


@pytest.mark.parametrize(
    ("path", "text", "database"),
    [
        ("app/settings.py", DJANGO, POSTGRESQL),
        ("app/db.js", NODE, MYSQL),
        ("app/main.go", GO, POSTGRESQL),
        ("app/db.py", PSYCOPG, POSTGRESQL),
        ("app/db.php", PHP, MYSQL),
        ("app/app.py", FLASK, MYSQL),
    ],
)
def test_a_source_describes_a_database(path: str, text: str, database: Database) -> None:
    expected = DatabaseAddress(database, "db", database.port, "me", "x", "goods")
    assert find({path: text}, database) == expected
    other = POSTGRESQL if database is MYSQL else MYSQL
    assert find({path: text}, other) is None


@pytest.mark.parametrize(
    ("path", "text", "host"),
    [("app/config.yml", YAML, "db"), ("app/a.json", JSON, "localhost")],
)
def test_a_settings_file_describes_a_database(path: str, text: str, host: str) -> None:
    files = {"app/main.go": 'sql.Open("mysql", dsn)', path: text}
    assert find(files, MYSQL) == DatabaseAddress(MYSQL, host, 3306, "me", "x", "goods")
    assert find(files, POSTGRESQL) is None


def test_properties_describe_a_database() -> None:
    files = {"app/Main.java": "// postgresql", "app/app.properties": PROPERTIES}
    expected = DatabaseAddress(POSTGRESQL, "db", 5432, "me", "x", "goods")
    assert find(files, POSTGRESQL) == expected


def test_a_cache_needs_no_account() -> None:
    assert find({"app/config.yml": YAML}, REDIS) == DatabaseAddress(
        REDIS, "cache", 6379, "", "", "0"
    )
    source = "r = redis.Redis(\n    host='cache',\n    port=6380,\n)\n"
    assert find({"app/a.py": source}, REDIS) == DatabaseAddress(REDIS, "cache", 6380, "", "", "")


@pytest.mark.parametrize(
    "text",
    [
        NODE.replace('"me"', '"${user}"'),
        NODE.replace('user: "me", ', ""),
        NODE.replace('"goods"', "name"),
        'mysql.x({ user: "me", database: "goods" })',
        'const mail = { host: "smtp.example.com", user: "me", password: "x" }; // mysql',
        'const a = "mysql"; const host = "db";\n\n\n\n\n\nconst user = "me";\n\n\n\n\n\nconst database = "x";',
    ],
)
def test_a_description_with_gaps_is_none(text: str) -> None:
    assert find({"app/db.js": text}, MYSQL) is None


def test_of_two_kinds_the_text_beside_it_decides() -> None:
    drivers = 'require("pg"); require("mysql2");\n\n\n\n\n'
    account = '{ host: "db", user: "me", password: "x", database: "goods" }'
    assert find({"app/a.js": f"{drivers}connect({account})"}, MYSQL) is None
    named = f"{drivers}const mysql = connect({account})"
    assert find({"app/a.js": named}, MYSQL) == DatabaseAddress(
        MYSQL, "db", 3306, "me", "x", "goods"
    )


DJANGO_READS = """
DATABASES = {
    'default': {
        'ENGINE': 'django.db.backends.postgresql',
        'NAME': os.environ.get("NAME"),
        'USER': os.environ.get("ACCOUNT"),
        'PASSWORD': os.environ.get("PASSWORD"),
        'HOST': os.environ.get("HOST"),
        'PORT': int(os.environ.get("PORT", "5432")),
    }
}
"""
NODE_READS = """const db = mysql.createConnection({
  host: process.env.HOST,
  user: process.env.ACCOUNT,
  password: process.env["PASSWORD"],
  database: process.env.NAME,
  port: Number(process.env.PORT),
});
"""


@pytest.mark.parametrize(
    ("path", "text", "database"),
    [("app/settings.py", DJANGO_READS, POSTGRESQL), ("app/db.js", NODE_READS, MYSQL)],
)
def test_variables_have_the_meaning_of_the_part_that_they_are_read_for(
    path: str, text: str, database: Database
) -> None:
    app = AppFiles(make_image(SHELL, copy={path: text}, workdir="/app"))
    variables = list_part_variables(app, list_databases(app))
    assert {x.database for x in variables.values()} == {database}
    assert {name: x.role for name, x in variables.items()} == {
        "HOST": Role.HOST,
        "ACCOUNT": Role.USER,
        "PASSWORD": Role.PASSWORD,
        "NAME": Role.NAME,
        "PORT": Role.PORT,
    }


@pytest.mark.parametrize(
    "text",
    [
        "// mysql\nconst mail = { host: process.env.HOST, user: process.env.ACCOUNT };",
        NODE_READS.replace("mysql.", "mail."),
        NODE_READS.replace("process.env", "options"),
    ],
)
def test_variables_of_others_have_none(text: str) -> None:
    files = {"app/db.js": text, "app/store.js": "// mysql, postgres"}
    app = AppFiles(make_image(SHELL, copy=files, workdir="/app"))
    assert not list_part_variables(app, list_databases(app))
