"""Settings with the services of a compose file."""

from collections.abc import Mapping
from typing import Any

from bot.dockerfile.build_context import BuildContext
from bot.line.setting_services import make_service_settings
from bot.line.setting_sources import SettingSources
from bot.model.spec import ImageSpec
from bot.model.start_settings import StartSettings
from bot.verify.setting_values import make_placeholder
from tests.support.image_pair_world import SHELL, make_image, make_image_pair

APP = "services: {app: {build: ., depends_on: [db], environment: {%s}}, db: {image: postgres, %s}}"
URL = "DATABASE_URL: 'postgres://app:pass%40word@db:5432/app', API_KEY: live"
LITERAL = APP % (URL, "environment: {POSTGRES_PASSWORD: pass@word, POSTGRES_USER: app}")


def make(
    compose: str,
    files: Mapping[str, str] = {},
    source: str = "",
    output: str = "",
    sent: tuple[str, ...] = (),
    **config: Any,
) -> StartSettings | None:
    texts = {"compose.yml": compose, **files}
    context = BuildContext(
        file_sizes=dict.fromkeys(sent, 1), read_repository_text=lambda path: texts.get(path, "")
    )
    sources = SettingSources(context, ImageSpec("a", "Dockerfile", "."))
    image = make_image(SHELL, copy={"app/app.js": source}, **{"workdir": "/app", **config})
    return make_service_settings(make_image_pair(image, image), sources, [output])


def make_with(*arguments: Any, **options: Any) -> tuple[dict[str, str], dict[str, str]]:
    """Return the variables of the application, and those of its one service."""
    settings = make(*arguments, **options)
    assert settings
    (service,) = settings.services
    return dict(settings.variables), dict(service.variables)


def test_a_password_that_the_database_is_set_up_with_stays() -> None:
    app, service = make_with(LITERAL)
    assert app["DATABASE_URL"] == "postgres://app:pass%40word@db:5432/app"
    assert app["API_KEY"] == make_placeholder("API_KEY")
    assert service == {"POSTGRES_PASSWORD": "pass@word", "POSTGRES_USER": "app"}


def test_a_variable_without_a_value_is_the_same_for_both() -> None:
    url = "URL: 'postgres://${DB_USER}:${DB_PASSWORD}@db/${DB_NAME}', DB_PASSWORD: "
    variables = "environment: [POSTGRES_PASSWORD=$DB_PASSWORD, 'POSTGRES_USER=${DB_USER}']"
    app, service = make_with(APP % (url, variables))
    password = make_placeholder("DB_PASSWORD")
    assert app == {"URL": f"postgres://app:{password}@db/app", "DB_PASSWORD": password}
    assert service == {"POSTGRES_PASSWORD": password, "POSTGRES_USER": "app"}


def test_an_example_gives_values_to_both() -> None:
    compose = APP % ("PGPASSWORD: $DB_PASSWORD", "environment: {POSTGRES_PASSWORD: $DB_PASSWORD}")
    app, service = make_with(compose, {".env.example": "DB_PASSWORD=change-me\nOTHER_KEY=a\n"})
    assert app["PGPASSWORD"] == app["DB_PASSWORD"] == service["POSTGRES_PASSWORD"] == "change-me"
    assert app["OTHER_KEY"] == make_placeholder("OTHER_KEY")


def test_a_file_that_only_developers_have_is_made_of_its_example() -> None:
    compose = APP % ("", "env_file: .env")
    example = {".env.example": "POSTGRES_PASSWORD=change-me\n", ".env": "POSTGRES_PASSWORD=mine\n"}
    app, service = make_with(compose, example)
    assert app == service == {"POSTGRES_PASSWORD": "change-me"}
    app, service = make_with(compose, example, sent=(".env",))
    assert service == {"POSTGRES_PASSWORD": "mine"}


def test_a_variable_of_the_image_is_replaced_only_by_the_name_of_a_service() -> None:
    compose = APP % ("MODE: development, DB_HOST: db", "")
    app, _ = make_with(compose, env={"MODE": "production", "DB_HOST": "localhost"})
    assert app == {"DB_HOST": "db"}


def test_a_host_in_the_image_or_the_output_is_needed() -> None:
    compose = "services: {app: {build: .}, mongo: {image: mongo}}"
    assert make(compose) is None
    assert make(compose, env={"URL": "mongodb://mongo/a"}) is not None
    assert make(compose, output="getaddrinfo ENOTFOUND mongo") is not None


def test_the_description_names_services_and_their_file() -> None:
    settings = make(LITERAL, source="process.env.PORT")
    assert settings
    assert settings.service_description == "db (postgres), from compose.yml"
    assert settings.description.startswith("PORT=8080, which app.js reads; DATABASE_URL, API_KEY")


def test_scripts_of_the_repository_are_in_the_service() -> None:
    volumes = "volumes: ['./init:/docker-entrypoint-initdb.d', './my.cnf:/etc/my.cnf', './data:/d']"
    files = {"init/1.sql": "SELECT 1;\n", "init/.env": "A=1\n"}
    settings = make(APP % ("", volumes), files, sent=("init/1.sql", "init/.env"))
    assert settings
    (service,) = settings.services
    assert service.files == (("/docker-entrypoint-initdb.d/1.sql", "SELECT 1;\n"),)
    assert service.label == "db (postgres, without its mount ./my.cnf)"
    (service,) = (make(APP % ("", volumes), {"my.cnf": "a\n"}) or StartSettings()).services
    assert service.files == (("/etc/my.cnf", "a\n"),)
    assert service.label == "db (postgres, without its mount ./init)"


def test_more_than_five_services_are_not_started() -> None:
    names = [f"s{number}" for number in range(6)]
    others = ", ".join(f"{name}: {{image: a}}" for name in names)
    settings = make(f"services: {{app: {{build: ., depends_on: [{', '.join(names)}]}}, {others}}}")
    assert settings
    assert [service.problem for service in settings.services[-2:]] == [
        "",
        "more than 5 services are needed",
    ]
