"""Uses of a Dockerfile in compose files."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.advise.compose_uses import ComposeUse, list_compose_uses, list_use_reasons
from bot.advise.subject import RuleInput
from tests.support.rule_inputs import make_repository, make_rule_input

APP = 'FROM a AS app\nWORKDIR /app\nCOPY . .\nCMD ["/app/run", "x"]\n'
MOUNTED = "services:\n  web:\n    build: .\n    volumes:\n      - ./src:/app/src:ro\n"
WATCHED = "services:\n  web:\n    build: .\n    command: npm run dev\n"


def look_at(
    files: Mapping[str, str], path: str = "Dockerfile", others: tuple[str, ...] = ()
) -> RuleInput:
    looked_at = make_rule_input(APP)
    other_dockerfiles = dict.fromkeys(others, looked_at.dockerfile)
    context = make_repository(files, other_dockerfiles=other_dockerfiles)
    return replace(looked_at, context=context, path=path)


@pytest.mark.parametrize(
    ("lines", "use"),
    [
        ("    build: .", ComposeUse("compose.yml", "Dockerfile", "", "", (), ("web",))),
        ("    build: ./", ComposeUse("compose.yml", "Dockerfile", "", "", (), ("web",))),
        (
            "    build:\n      target: dev",
            ComposeUse("compose.yml", "Dockerfile", "dev", "", (), ("web",)),
        ),
        (
            '    build: .  # x\n    command: ["a", "b"]\n    volumes:\n      - ".:/app"\n      - x:/y',
            ComposeUse("compose.yml", "Dockerfile", "", "a b", ("/app",), ("web",)),
        ),
        (
            "    build: {context: .}\n    command: a b\n"
            "    volumes: [{type: bind, source: ./src, target: /app/}, {source: x, target: /y}, 5]",
            ComposeUse("compose.yml", "Dockerfile", "", "a b", ("/app",), ("web",)),
        ),
    ],
)
def test_a_service(lines: str, use: ComposeUse) -> None:
    text = f"services:\n  # The server\n  web:\n{lines}\n"
    assert list_compose_uses(look_at({"compose.yml": text})) == (use,)


@pytest.mark.parametrize(
    ("name", "lines", "path"),
    [
        ("docker-compose.yml", "    build: ./api", "api/Dockerfile"),
        ("api/compose.yaml", "    build: .", "api/Dockerfile"),
        ("deploy/compose.yaml", "    build:\n      context: ..\n", "Dockerfile"),
        ("compose.dev.yml", "    build:\n      dockerfile: a/b.Dockerfile", "a/b.Dockerfile"),
        ("compose.yml", "    build: https://x.y/z.git", "Dockerfile"),
        ("compose.yml", "    image: x", "Dockerfile"),
        ("compose.yml", "    build: ./web", "api/Dockerfile"),
    ],
)
def test_which_dockerfile(name: str, lines: str, path: str) -> None:
    is_used = "http" not in lines and "image" not in lines and "web" not in lines
    # Files beside the Dockerfile and above it are read, others are not.
    is_used &= not name.startswith("deploy")
    looked_at = look_at({name: f"services:\n  web:\n{lines}\n"}, path)
    assert bool(list_compose_uses(looked_at)) is is_used


@pytest.mark.parametrize(
    ("files", "others", "has_reason"),
    [
        ({}, (), False),
        ({"compose.yml": WATCHED}, (), True),
        (
            {"compose.yml": WATCHED.replace("npm run dev", "sh -c 'cd app && npm run dev'")},
            (),
            True,
        ),
        # One of two services starts the program.
        (
            {"compose.yml": WATCHED, "compose.prod.yml": "services:\n  a:\n    build: .\n"},
            (),
            False,
        ),
        ({"compose.yml": MOUNTED}, (), False),
        ({"compose.yml": MOUNTED}, ("Dockerfile.prod",), True),
        ({"compose.yml": MOUNTED}, ("Dockerfile.nginx",), False),
        ({"docker-compose.dev.yml": MOUNTED}, (), True),
        ({"docker-compose.test.yml": "services:\n  a:\n    build: .\n"}, (), False),
        ({"compose.yml": "services:\n  run-api-tests:\n    build: .\n"}, (), True),
        ({"compose.yml": "services:\n  a:\n    build: .\n    profiles: [e2e]\n"}, (), True),
        # It may test the image that others ship.
        (
            {"compose.yml": "services:\n  test:\n    build: .\n    command: /app/run self\n"},
            (),
            False,
        ),
        ({"compose.yml": "services:\n  attest:\n    build: .\n"}, (), False),
        (
            {"compose.yml": "services:\n  test:\n    build: .\n  web:\n    build: .\n"},
            (),
            False,
        ),
        # The service is of another stage.
        ({"compose.yml": WATCHED.replace(".\n", "\n      target: dev\n", 1)}, (), False),
        (
            {".devcontainer/devcontainer.json": '{"build": {"dockerfile": "../Dockerfile"}}'},
            (),
            True,
        ),
        ({".devcontainer/devcontainer.json": '{"build": {"dockerfile": "Dockerfile"}}'}, (), False),
    ],
)
def test_reasons(files: Mapping[str, str], others: tuple[str, ...], has_reason: bool) -> None:
    assert bool(list(list_use_reasons(look_at(files, others=others)))) is has_reason
