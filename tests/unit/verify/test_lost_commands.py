"""Words of command lines that the new image has nothing for."""

from bot.model.proof import RegressionKind
from bot.verify.lost_commands import find_lost_words
from tests.support.image_pair_world import SHELL, make_image, make_image_pair

ORIGIN = "compose.yaml, service worker"
FILES = {"!usr/bin/celery": "\x7fELF", "app/tasks/run.py": "x", "app/config": "y"}


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
