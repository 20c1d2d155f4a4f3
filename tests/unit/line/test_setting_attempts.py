"""Settings to start both images with."""

from collections.abc import Mapping
from typing import Any

from bot.dockerfile.build_context import BuildContext
from bot.line.setting_attempts import list_start_settings
from bot.line.setting_sources import SettingSources
from bot.model.spec import ImageSpec
from bot.model.start_settings import StartSettings
from bot.verify.setting_values import make_placeholder
from tests.support.image_pair_world import SHELL, make_image, make_image_pair

EXAMPLE = "PORT=5000\nDB_HOST=db\nJWT_SECRET=change-me\nA=1\nB=2\n"


def list_settings(
    source: str = "",
    files: Mapping[str, str] = {},
    output: str = "",
    image_files: Mapping[str, str] = {},
    **config: Any,
) -> list[StartSettings]:
    context = BuildContext(read_repository_text=lambda path: files.get(path, ""))
    sources = SettingSources(context, ImageSpec("a", "Dockerfile", "."))
    copied = {"app/app.js": source, **image_files}
    image = make_image(SHELL, copy=copied, **{"workdir": "/app", **config})
    return list_start_settings(make_image_pair(image, image), sources, output)


def test_a_server_gets_its_own_address() -> None:
    """It writes links with it, and insists on one."""
    (settings,) = list_settings("process.env.SERVER_URL")
    assert settings.variables == (("SERVER_URL", "http://localhost:8080"),)


def test_a_port_that_sources_read_is_the_exposed_one() -> None:
    (settings,) = list_settings("process.env.PORT", exposed_ports=("3000/tcp",))
    assert settings == StartSettings((("PORT", "3000"),), None, "PORT=3000, which app.js reads")


def test_a_secret_that_sources_read_gets_a_placeholder() -> None:
    (settings,) = list_settings("process.env.API_KEY; process.env.DB_HOST")
    assert settings.variables == (("API_KEY", make_placeholder("API_KEY")),)
    assert settings.description == "API_KEY (a placeholder), which app.js reads"


def test_an_example_names_values() -> None:
    (settings,) = list_settings(files={".env.example": EXAMPLE})
    values = dict(settings.variables)
    assert values.pop("JWT_SECRET") == make_placeholder("JWT_SECRET")
    assert values == {"PORT": "5000", "DB_HOST": "db", "A": "1", "B": "2"}
    assert settings.description == (
        "PORT, DB_HOST, JWT_SECRET (a placeholder) and 2 more of .env.example"
    )


def test_what_sources_read_alone_is_tried_last() -> None:
    first, last = list_settings("process.env.PORT", {".env.example": "DB_HOST=db\n"})
    assert dict(first.variables) == {"PORT": "8080", "DB_HOST": "db"}
    assert first.description == "PORT=8080, which app.js reads; DB_HOST of .env.example"
    assert dict(last.variables) == {"PORT": "8080"}


def test_what_the_image_sets_stays() -> None:
    text = {".env.example": "PORT=5000\nMODE=a\nPATH=/x\n"}
    (settings,) = list_settings(files=text, env={"PORT": "80", "MODE": ""})
    assert dict(settings.variables) == {"MODE": "a"}


def test_a_file_is_written_for_a_program_that_loads_one() -> None:
    source = "require('dotenv').config(); process.env.PORT"
    plain, file = list_settings(source)
    assert (plain.file_text, file.file_text) == (None, "PORT=8080\n")
    assert file.description == "PORT=8080, which app.js reads; as a file .env, too"
    (empty,) = list_settings(output="open .env: no such file or directory")
    assert (empty.variables, empty.file_text) == ((), "")
    assert empty.description == "an empty file .env"


def test_a_file_of_the_image_is_never_replaced() -> None:
    source = "require('dotenv').config(); process.env.PORT"
    (settings,) = list_settings(source, image_files={"app/.env": "A=1\n"})
    assert settings.file_text is None


def test_a_project_that_shows_nothing_gives_nothing() -> None:
    assert list_settings("process.env.DB_HOST", {"compose.yml": "services: {}"}) == []
