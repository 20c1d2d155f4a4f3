"""Variables that a compose file gives to the service of a Dockerfile."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.project.service_variables import ServiceVariables, find_service_variables

COMPOSE = """\
services:
  db:
    image: postgres
    environment: {POSTGRES_PASSWORD: x}
  api:
    build: ./api
    env_file: [.env, {path: api/app.env, required: false}]
    environment:
      PORT: 3000
      DEBUG: true
      HOST: db
      URL: ${URL:-http://localhost}/v1
      TOKEN: ${TOKEN}
      OWNER:
      PRICE: $$5
"""


def find(
    text: str, path: str = "compose.yml", file: str = "api/Dockerfile", context: str = "api"
) -> ServiceVariables | None:
    return find_service_variables(text, path, file, context)


def test_the_service_that_builds_the_dockerfile_gives_its_variables() -> None:
    service = find(COMPOSE)
    assert service
    assert service.service == "api"
    assert service.variables == {
        "PORT": "3000",
        "DEBUG": "true",
        "HOST": "db",
        "URL": "http://localhost/v1",
        "PRICE": "$5",
    }
    assert service.files == (".env", "api/app.env")


@pytest.mark.parametrize(
    ("build", "path", "file", "context"),
    [
        (".", "compose.yml", "Dockerfile", "."),
        ("{context: .., dockerfile: a/Dockerfile.web}", "a/compose.yml", "a/Dockerfile.web", "."),
        ("{dockerfile: web.Dockerfile}", "a/compose.yml", "a/web.Dockerfile", "a"),
        ("..", "deploy/compose.yml", "./Dockerfile", "."),
    ],
)
def test_a_service_is_found_by_its_build(build: str, path: str, file: str, context: str) -> None:
    text = f"services:\n  x:\n    build: {build}\n    environment: [PORT=1, OTHER, A=b=c]\n"
    service = find(text, path, file, context)
    assert service
    assert service.variables == {"PORT": "1", "A": "b=c"}


@pytest.mark.parametrize(
    "text",
    [
        "services:\n  x:\n    build: ./other\n    environment: [PORT=1]\n",
        "services:\n  x:\n    image: api\n    environment: [PORT=1]\n",
        "services:\n  x:\n    build: {context: api, dockerfile: Other}\n",
        "services:\n  x:\n    build: {context: api, dockerfile_inline: FROM a}\n",
        "services: [x]\n",
        "- a\n",
        "a: [\n",
        "",
    ],
)
def test_other_files_have_no_such_service(text: str) -> None:
    assert find(text) is None


@given(st.text())
def test_any_value_is_a_text_or_left_out(value: str) -> None:
    """A reference without a value is not passed on as it stands, nor is one that is cut off."""
    entry = "A=" + value
    service = find_service_variables(
        f"services: {{x: {{build: api, environment: [{entry!r}]}}}}",
        *("compose.yml", "api/Dockerfile", "api"),
    )
    for text in service.variables.values() if service else ():
        assert "\0" not in text
        assert "${" not in text
