"""Words of command lines that the new image has nothing for."""

from bot.model.proof import RegressionKind
from bot.verify.lost_commands import find_lost_words
from tests.support.image_pair_world import SHELL, make_image, make_image_pair

ORIGIN = "compose.yaml, service worker"
FILES = {
    "!usr/bin/celery": "\x7fELF",
    "!usr/bin/curl": "\x7fELF",
    "app/tasks/run.py": "x",
    "app/config": "y",
}


def find(arguments: tuple[str, ...], *shipped: str) -> list[tuple[RegressionKind, str]]:
    old = make_image(SHELL, copy=FILES, workdir="/app")
    new = make_image(SHELL, copy={path: FILES[path] for path in shipped}, workdir="/app")
    pair = make_image_pair(old, new)
    return [(x.kind, x.subject) for x in find_lost_words(pair, arguments, ORIGIN)]


def test_a_lost_program_is_named() -> None:
    assert find(("celery", "worker")) == [(RegressionKind.PROGRAM, "celery")]
    assert find(("celery", "worker"), "!usr/bin/celery") == []


def test_a_lost_file_is_named() -> None:
    regressions = find(("sh", "tasks/run.py", "/app/config", "absent.py", "-x"))
    assert regressions == [
        (RegressionKind.FILE, "app/tasks/run.py"),
        (RegressionKind.FILE, "app/config"),
    ]
    assert find(("sh", "tasks/run.py"), "app/tasks/run.py") == []


def test_a_folder_is_no_file() -> None:
    assert find(("sh", "tasks")) == []


def test_what_a_shell_starts_is_named() -> None:
    arguments = ("/bin/sh", "-c", "test -f x && curl -f http://localhost || exit 1")
    assert find(arguments) == [(RegressionKind.PROGRAM, "curl")]


def test_programs_of_modules_are_named() -> None:
    program = "app/node_modules/.bin/migrate"
    files = {program: "x", "app/package.json": '{"scripts": {"db": "migrate up && echo done"}}'}
    old = make_image(SHELL, copy=files, workdir="/app")
    new = make_image(SHELL, copy={"app/package.json": files["app/package.json"]}, workdir="/app")
    for arguments in (("npx", "migrate", "up"), ("npm", "run", "db"), ("yarn", "db")):
        regressions = list(find_lost_words(make_image_pair(old, new), arguments, ORIGIN))
        assert [(x.kind, x.subject) for x in regressions] == [(RegressionKind.FILE, program)]
        assert not list(find_lost_words(make_image_pair(old, old), arguments, ORIGIN))
