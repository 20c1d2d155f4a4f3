"""Runs of images in scripts, Makefiles, README files and comments."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.advise.docker_runs import list_run_reasons
from bot.advise.subject import RuleInput
from bot.dockerfile.build_context import BuildContext
from tests.support.rule_inputs import make_rule_input

APP = 'FROM a\nWORKDIR /app\nCOPY run /app/run\nCMD ["/app/run", "x"]\n'
BUILD = "docker build -t app .\n"


def look_at(files: Mapping[str, str], text: str = APP, path: str = "Dockerfile") -> RuleInput:
    context = BuildContext(read_repository_text=lambda name: files.get(name, ""))
    return replace(make_rule_input(text, context=context), path=path)


@pytest.mark.parametrize(
    ("text", "is_work"),
    [
        ("docker run -it app bash\n", True),
        ("docker run --rm -it --name x app /bin/sh\n", True),
        ("docker run app make -j4\n", True),
        ("docker run --rm app npm test\n", True),
        ("`docker run app bash -c 'make all'`, then open it\n", True),
        ("docker run \\\n  -it app bash # a prompt\n", True),
        # The sources of the user are mounted where the image has none.
        ("docker run -v $(pwd):/app app\n", True),
        ('docker run -v "${PWD}":/app app\n', True),
        ("\tdocker run -v $(shell pwd)/src:/app -p 80:80 app\n", True),
        ("docker run -v $(pwd):/data app\n", False),
        ("docker run -p 80:80 app\n", False),
        ("docker run app bash ./start.sh\n", False),
        ("docker run app bash\ndocker run -p 80:80 app\n", False),
        ("docker run other bash\n", False),
        ("echo app\n", False),
    ],
)
def test_what_is_run(text: str, is_work: bool) -> None:
    assert bool(list(list_run_reasons(look_at({"README.md": BUILD + text})))) is is_work


def test_sources_that_are_copied_are_mounted_for_convenience() -> None:
    text = "FROM a\nWORKDIR /app\nCOPY . .\n"
    files = {"Makefile": f"{BUILD}docker run -v .:/app app\n"}
    assert not list(list_run_reasons(look_at(files, text)))
    assert list(list_run_reasons(look_at(files, text.replace("COPY . .", "RUN b"))))


@pytest.mark.parametrize(
    ("name", "build", "path"),
    [
        ("Makefile", "docker build --tag app ./api", "api/Dockerfile"),
        ("api/build.sh", "docker build -t app -f b.Dockerfile ..", "api/b.Dockerfile"),
        (
            "README.md",
            "cd x && docker buildx build -t app -f $(pwd)/c/Dockerfile .",
            "c/Dockerfile",
        ),
        ("README.md", "docker build -t app .", "api/Dockerfile"),
        ("README.md", "docker build -t app -", "Dockerfile"),
        ("README.md", "docker build -t app $FOLDER", "Dockerfile"),
        ("README.md", "docker build -t app https://x.y/z.git", "Dockerfile"),
        ("docs/README.md", "docker build -t app .", "Dockerfile"),
    ],
)
def test_which_dockerfile(name: str, build: str, path: str) -> None:
    is_built = ("/" in path and build[-1] != ".") or "-f" in build
    files = {name: f"{build}\ndocker run app bash\n"}
    assert bool(list(list_run_reasons(look_at(files, path=path)))) is is_built


def test_comments_are_read() -> None:
    text = f"# docker build -t app .\n# docker run -v $PWD:/docs app make html\n{APP}"
    assert list(list_run_reasons(look_at({}, text))) == [
        "it is made for development: a comment runs it so"
    ]


@pytest.mark.parametrize(
    ("build", "is_work"),
    [
        ("docker build -t me/app-dev .", True),
        ("docker build -t app_test .", True),
        ("docker build -t app-dev .; docker build -t app .", False),
        # A tag says which state of the program it is.
        ("docker build -t app:dev .", False),
        ("docker build -t test .", False),
        ("docker build -t app-device .", False),
    ],
)
def test_names(build: str, is_work: bool) -> None:
    assert bool(list(list_run_reasons(look_at({"Makefile": f"{build}\n"})))) is is_work
