"""The files of a repository in which variables of a program stand."""

from collections.abc import Mapping

from bot.dockerfile.build_context import BuildContext
from bot.line.setting_sources import SettingSources
from bot.model.spec import ImageSpec


def list_groups(
    files: Mapping[str, str], context: str = "api", sent: tuple[str, ...] = ()
) -> list[tuple[str, Mapping[str, str]]]:
    build_context = BuildContext(
        file_sizes=dict.fromkeys(sent, 1), read_repository_text=lambda path: files.get(path, "")
    )
    spec = ImageSpec("api", f"{context}/Dockerfile", context)
    return [(path, dict(x)) for path, x in SettingSources(build_context, spec).groups]


def test_a_later_file_says_more_of_the_image() -> None:
    compose = "services: {web: {build: api, env_file: api.list, environment: [C=3]}}"
    files = {
        "docker-compose.yml": compose,
        "api.list": "B=2\n",
        "api/.env.example": "A=1\n",
        "app.json": '{"env": {"D": "4"}}',
    }
    assert list_groups(files) == [
        ("app.json", {"D": "4"}),
        ("api/.env.example", {"A": "1"}),
        ("api.list", {"B": "2"}),
        ("docker-compose.yml, service web", {"C": "3"}),
    ]


def test_the_file_of_the_inner_folder_counts() -> None:
    files = {".env.example": "A=1\n", "api/.env.sample": "A=2\n"}
    assert list_groups(files) == [("api/.env.sample", {"A": "2"})]
    assert list_groups({".env.example": "A=1\n"}) == [(".env.example", {"A": "1"})]
    assert list_groups({"web/.env.example": "A=1\n"}) == []


def test_a_file_env_is_read_only_where_the_build_gets_it() -> None:
    """It may have the secrets of the machine on which a Dockerfile is looked at."""
    files = {"api/compose.yml": "services: {a: {build: ., env_file: .env}}", "api/.env": "A=1\n"}
    service: tuple[str, Mapping[str, str]] = ("api/compose.yml, service a", {})
    assert list_groups(files) == [service]
    assert list_groups(files, sent=(".env",)) == [("api/.env", {"A": "1"}), service]


def test_paths_are_those_in_the_repository() -> None:
    files = {"home/me/app/.env.example": "A=1\n", "home/.env.example": "A=2\n"}
    context = BuildContext(
        repository_folder="home/me/app", read_repository_text=lambda path: files.get(path, "")
    )
    spec = ImageSpec("api", "home/me/app/api/Dockerfile", "home/me/app/api")
    assert SettingSources(context, spec).groups == [(".env.example", {"A": "1"})]


def test_nothing_outside_of_the_repository_is_read() -> None:
    read_paths: list[str] = []

    def read(path: str) -> str:
        read_paths.append(path)
        text = "services: {a: {build: ../a, env_file: ../../b/.env}}"
        return text if path == "compose.yaml" else ""

    spec = ImageSpec("a", "../a/Dockerfile", "../a")
    assert SettingSources(BuildContext(read_repository_text=read), spec).groups == []
    assert not [path for path in read_paths if ".." in path or path.startswith("/")]
