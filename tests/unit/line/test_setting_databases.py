"""Settings with databases that no compose file describes."""

from collections.abc import Mapping
from typing import Any

from bot.dockerfile.build_context import BuildContext
from bot.line.setting_databases import make_database_settings
from bot.line.setting_sources import SettingSources
from bot.model.service_container import ServiceContainer
from bot.model.spec import ImageSpec
from bot.model.start_settings import StartSettings
from bot.verify.setting_values import make_placeholder
from tests.support.image_pair_world import SHELL, make_image, make_image_pair

PASSWORD = make_placeholder("database")
PG = 'require("pg"); '


def make(
    files: Mapping[str, str], texts: Mapping[str, str] = {}, output: str = "", **config: Any
) -> StartSettings | None:
    context = BuildContext(read_repository_text=lambda path: texts.get(path, ""))
    sources = SettingSources(context, ImageSpec("a", "Dockerfile", "."))
    image = make_image(SHELL, copy=files, **{"workdir": "/app", **config})
    return make_database_settings(make_image_pair(image, image), sources, [output])


def make_js(names: str, driver: str = PG, **options: Any) -> StartSettings | None:
    reads = "; ".join(f"process.env.{name}" for name in names.split())
    return make({"app/db.js": driver + reads}, **options)


def split(settings: StartSettings | None) -> tuple[dict[str, str], ServiceContainer]:
    """Return the variables, and the one service."""
    assert settings
    (service,) = settings.services
    return dict(settings.variables), service


def test_the_program_and_its_database_have_the_same_account() -> None:
    variables, service = split(make_js("DB_HOST DB_PORT DB_USER DB_PASSWORD DB_NAME"))
    assert variables == {
        "DB_HOST": "localhost",
        "DB_PORT": "5432",
        "DB_USER": "app",
        "DB_PASSWORD": PASSWORD,
        "DB_NAME": "app",
    }
    assert (service.name, service.image) == ("postgresql", "postgres:17")
    assert (service.hosts, service.ports) == (("localhost",), (5432,))
    assert dict(service.variables) == {
        "POSTGRES_USER": "app",
        "POSTGRES_PASSWORD": PASSWORD,
        "POSTGRES_DB": "app",
    }


def test_an_example_names_the_account() -> None:
    example = "DB_USER=shop\nDB_NAME=goods\nDB_PASSWORD=live-secret\nDB_HOST=db.example.com\n"
    settings = make_js("DB_USER DB_NAME DB_PASSWORD DB_HOST", texts={".env.example": example})
    variables, service = split(settings)
    assert (variables["DB_USER"], variables["DB_NAME"]) == ("shop", "goods")
    assert (variables["DB_PASSWORD"], variables["DB_HOST"]) == (PASSWORD, "localhost")
    assert dict(service.variables)["POSTGRES_USER"] == "shop"


def test_the_account_of_an_administrator_is_not_made_again() -> None:
    texts = {".env.example": "MYSQL_USER=root\n"}
    variables, service = split(make_js("MYSQL_USER", "mysql2 ", texts=texts))
    assert variables["MYSQL_USER"] == dict(service.variables)["MYSQL_USER"] == "app"


def test_an_address_is_written_as_its_driver_reads_it() -> None:
    login = f"app:{PASSWORD}"
    for driver, example, expected in (
        (PG, "", f"postgresql://{login}@localhost:5432/app"),
        (
            PG,
            "postgres://me:x@db:5433/x?schema=a",
            f"postgres://{login}@localhost:5432/app?schema=a",
        ),
        ("mysql2 ", "", f"mysql://{login}@localhost:3306/app"),
        ("redis ", "", f"redis://:{PASSWORD}@localhost:6379/0"),
        ("mongoose ", "", "mongodb://localhost:27017/app"),
    ):
        name = "REDIS_URL" if "redis" in driver else "DATABASE_URL"
        variables, _ = split(make_js(name, driver, texts={".env.example": f"{name}={example}\n"}))
        assert variables == {name: expected}
    for path, driver, expected in (
        ("app/main.go", "lib/pq", f"postgresql://{login}@localhost:5432/app?sslmode=disable"),
        ("app/main.go", "mysql", f"{login}@tcp(localhost:3306)/app?parseTime=true"),
        ("app/Main.java", "postgresql", "jdbc:postgresql://localhost:5432/app"),
    ):
        call = "System.getenv" if path.endswith("java") else "os.Getenv"
        variables, _ = split(make({path: f'{driver} {call}("DB_URL")'}))
        assert variables == {"DB_URL": expected}


def test_an_address_of_an_example_is_written_as_its_driver_reads_it() -> None:
    source = 'import "gorm.io/driver/mysql"\nkeys, err := godotenv.Read(".env")\n'
    settings = make({"app/db.go": source}, texts={".env.example": 'DB_STRING="your address"\n'})
    variables, _ = split(settings)
    address = f"app:{PASSWORD}@tcp(localhost:3306)/app?parseTime=true"
    assert variables == {"DB_STRING": address}
    assert settings
    assert settings.file_text == f"DB_STRING={address}\n"


def test_a_cache_wants_a_password_only_if_the_program_has_one() -> None:
    _, service = split(make_js("REDIS_HOST", "redis "))
    assert service.command is None
    variables, service = split(make_js("REDIS_HOST REDIS_PASSWORD REDIS_DB", "redis "))
    assert service.command == ("redis-server", "--requirepass", variables["REDIS_PASSWORD"])
    assert variables["REDIS_DB"] == "0"


def test_a_host_in_the_output_leads_to_a_database_without_accounts() -> None:
    settings = make({"app/a.js": "redis"}, output="Error -2 connecting to cache:6379.\n")
    assert settings
    assert settings.services[0].hosts == ("localhost", "cache")
    assert make({"app/a.js": PG}, output="could not connect to cache:5432\n") is None


def test_spring_reads_variables_that_no_source_names() -> None:
    settings = make(
        {"app/application.yml": "spring:\n  datasource:\n    url: jdbc:mysql://db/app\n"}
    )
    variables, _ = split(settings)
    assert variables == {
        "SPRING_DATASOURCE_URL": (
            "jdbc:mysql://localhost:3306/app?allowPublicKeyRetrieval=true&useSSL=false"
        ),
        "SPRING_DATASOURCE_USERNAME": "app",
        "SPRING_DATASOURCE_PASSWORD": PASSWORD,
    }
    assert settings
    assert settings.description.endswith(", which application.yml reads")


def test_the_image_may_name_an_address_that_is_replaced() -> None:
    variables, _ = split(make_js("DB_HOST MODE", env={"DB_HOST": "10.0.0.1", "MODE": "live"}))
    assert variables == {"DB_HOST": "localhost"}


def test_no_database_without_a_variable_or_a_driver() -> None:
    assert make_js("DB_HOST", "") is None
    assert make_js("PORT") is None


def test_the_description_says_what_reads_the_variables() -> None:
    settings = make_js("DB_HOST DB_PASSWORD")
    assert settings
    assert settings.description == "DB_PASSWORD (a placeholder), DB_HOST, which db.js reads"
    assert settings.service_description == "postgresql (postgres:17)"


def test_a_database_is_set_up_with_the_account_that_sources_spell_out() -> None:
    source = 'import _ "github.com/go-sql-driver/mysql"; sql.Open("mysql", "%s/goods")'
    root = {"MYSQL_DATABASE": "goods", "MYSQL_ALLOW_EMPTY_PASSWORD": "yes"}
    shop = {"MYSQL_DATABASE": "goods", "MYSQL_ROOT_PASSWORD": "x"}
    for account, variables, hosts in (
        ("root:@", root, ("localhost",)),
        ("me:x@tcp(db)", {**shop, "MYSQL_USER": "me", "MYSQL_PASSWORD": "x"}, ("localhost", "db")),
    ):
        chosen, service = split(make({"app/main.go": source % account}))
        assert (chosen, service.hosts) == ({}, hosts)
        assert dict(service.variables) == variables
    # The image of a database listens at its own port alone.
    assert make({"app/main.go": source % "me:x@tcp(db:3307)"}) is None


def test_a_database_without_a_password_trusts_its_account() -> None:
    _, service = split(make({"app/db.py": "psycopg2.connect('user=me dbname=goods')"}))
    assert dict(service.variables) == {
        "POSTGRES_USER": "me",
        "POSTGRES_DB": "goods",
        "POSTGRES_HOST_AUTH_METHOD": "trust",
    }


def test_variables_of_any_name_lead_to_the_database_that_they_are_read_for() -> None:
    reads = "{user: process.env.A, password: process.env.B, host: process.env.C, database: process.env.D}"
    variables, service = split(make({"app/db.js": f"{PG}new Pool({reads})"}))
    assert variables == {"A": "app", "B": PASSWORD, "C": "localhost", "D": "app"}
    assert service.name == "postgresql"


def test_generated_sources_with_other_drivers_leave_the_database_clear() -> None:
    files = {"app/db.js": f"{PG}process.env.DB_HOST", "app/generated.js": "// mysql"}
    variables, service = split(make(files))
    assert variables == {"DB_HOST": "localhost"}
    assert service.name == "postgresql"


def test_localhost_may_be_printed_as_an_address_of_ipv6() -> None:
    output = "server selection error: Addr: localhost:27017, dial tcp [::1]:27017: connect: connection refused"
    settings = make({"app/main.go": 'import "go.mongodb.org/mongo-driver/mongo"'}, output=output)
    variables, service = split(settings)
    assert not variables
    assert (service.name, service.hosts) == ("mongodb", ("localhost",))
