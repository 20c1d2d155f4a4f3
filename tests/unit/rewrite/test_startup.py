"""The commands that a container starts."""

import pytest

from tests.support.rewrite_world import make_facts, read_image_startup

FILES = """
    base 100MB PATH=/usr/local/bin:/usr/bin:/bin
    bin/sh 100kB base 755
    bin/bash 100kB base 755
    usr/bin/tini 20kB base 755
    usr/local/bin/start 1kB @2 755 = #!/bin/sh\\nset -e\\nexec "$@"
    app/run.sh 1kB @2 755 = #!/usr/bin/env bash\\nmigrate up\\nexec ./server --port "$PORT"
    app/docker-entrypoint.sh 1kB @2 755 = #!/bin/sh\\nexec python -m shop "$@"
    usr/local/bin/docker-php-entrypoint 1kB base 755 = #!/bin/sh\\nexec "$@"
    usr/bin/erl 1kB base 755 = #!/bin/sh\\nexec erlexec "$@"
    app/plain.txt 1kB @2 = exec /app/server
    app/server 9MB @2 755 = ELF go
    app/loop.sh 1kB @2 755 = #!/bin/sh\\nexec /app/loop.sh
    app/package.json 1kB @2 = {"scripts": {"start": "node dist/main.js", "bad": 7}}
"""


def list_commands(lines: str) -> list[str]:
    startup = read_image_startup(make_facts(f"FROM x\nCOPY . /\nWORKDIR /app\n{lines}\n", FILES))
    return [" ".join(command) for command in startup.commands]


@pytest.mark.parametrize(
    ("lines", "commands"),
    [
        ("", []),
        ('CMD ["./server"]', ["./server"]),
        ("CMD ./server -v", ["./server -v"]),
        ("CMD exec ./server", ["./server"]),
        ("CMD cd x && ./server", ["cd x", "./server"]),
        ('ENTRYPOINT ["tini", "--"]\nCMD ["./server", "-v"]', ["./server -v"]),
        ('ENTRYPOINT ["tini", "-g", "--", "./server"]', ["./server"]),
        ('CMD ["env", "A=b", "./server"]', ["./server"]),
        ('CMD ["gosu", "app", "./server"]', ["./server"]),
        ('ENTRYPOINT ["start"]\nCMD ["./server", "-v"]', ["set -e", "./server -v"]),
        ('ENTRYPOINT ["start"]\nCMD ./server', ["set -e", "./server"]),
        ('CMD ["./run.sh"]', ["migrate up", "./server --port $PORT"]),
        ('ENTRYPOINT ["./docker-entrypoint.sh"]\nCMD ["run"]', ["python -m shop run"]),
        ('ENTRYPOINT ["tini", "/app/docker-entrypoint.sh"]', ["python -m shop"]),
        ('ENTRYPOINT ["docker-php-entrypoint"]\nCMD ["./server"]', ["./server"]),
        ('ENTRYPOINT ["docker-entrypoint.sh"]\nCMD ["./server"]', ["./server"]),
        ('CMD ["sh", "plain.txt"]', ["/app/server"]),
        ('CMD ["bash", "-lc", "./server"]', ["./server"]),
        ('CMD ["zsh", "-c", "./server"]', ["./server"]),
        ('CMD ["timeout", "5", "./server"]', ["./server"]),
        ('CMD ["catatonit", "--", "./server"]', ["./server"]),
        ('CMD ["chroot", "/jail", "./server"]', ["chroot /jail ./server"]),
        ('CMD ["bash", "-l"]', ["bash -l"]),
        ('CMD ["sh", "/nowhere.sh"]', ["sh /nowhere.sh"]),
        ('CMD ["./plain.txt"]', ["./plain.txt"]),
        ("CMD command -v jq && command ./server", ["command -v jq", "./server"]),
        ('CMD ["erl", "-pa", "ebin"]', ["erl -pa ebin"]),
        ('CMD ["npm", "start"]', ["npm start", "node dist/main.js"]),
        ('CMD ["npm", "run", "start"]', ["npm run start", "node dist/main.js"]),
        ('CMD ["yarn", "--silent", "start"]', ["yarn --silent start", "node dist/main.js"]),
        ('CMD ["npm", "run", "bad"]', ["npm run bad"]),
        ('CMD ["npm", "run"]', ["npm run"]),
        ('CMD ["nowhere"]', ["nowhere"]),
    ],
)
def test_the_commands_behind_wrappers_and_scripts(lines: str, commands: list[str]) -> None:
    words = list_commands(lines)
    assert [x.replace('"$PORT"', "$PORT") for x in words] == commands


def test_a_program_in_a_variable_of_the_script_or_of_the_image() -> None:
    script = """
        app/start.sh 1kB @2 755 = #!/bin/sh\\nname=server\\nold=/app/gone\\nif x; then way=a; else way=b; fi\\n"$HOME_OF_APP/$name" -v\\n"$old" a\\n"$way" b\\nexec "${HOME_OF_APP:-/srv}/server"
    """
    facts = make_facts(
        'FROM x\nENV HOME_OF_APP=/app\nCOPY . /\nCMD ["/app/start.sh"]\n',
        (FILES + script).replace("@2", "@3"),
    )
    commands = [" ".join(command) for command in read_image_startup(facts).commands]
    assert commands == [
        "x",
        "/app/server -v",
        '"$old" a',
        '"$way" b',
        '"${HOME_OF_APP:-/srv}/server"',
    ]


def test_a_script_that_starts_itself_ends() -> None:
    assert list_commands('CMD ["/app/loop.sh"]') == []


def test_a_script_that_starts_itself_in_each_of_its_lines_is_not_followed_to_its_end() -> None:
    """Sixty lines, six deep, are 46 thousand million commands."""
    files = FILES + "app/again.sh 1kB @2 755 = #!/bin/sh\\n" + "/app/again.sh\\n" * 60
    startup = read_image_startup(make_facts('FROM x\nCOPY . /\nCMD ["/app/again.sh"]\n', files))
    assert not startup.is_complete
    assert len(startup.scripts) < 6_000


def test_the_package_json_of_a_folder_above_is_npms() -> None:
    assert list_commands('WORKDIR /app/lib\nCMD ["npm", "start"]') == [
        "npm start",
        "node dist/main.js",
    ]


def test_scripts_that_were_read_are_listed() -> None:
    startup = read_image_startup(
        make_facts('FROM x\nCOPY . /\nENTRYPOINT ["start", "/app/run.sh"]\n', FILES)
    )
    assert startup.scripts == ("usr/local/bin/start", "app/run.sh")
    assert startup.program_names == ("set", "migrate", "server")
    assert startup.main_command[0] == "./server"


def test_a_package_json_that_is_no_object() -> None:
    files = "base 1MB\npackage.json 1kB @2 = [1]"
    startup = read_image_startup(make_facts('FROM x\nCOPY . /\nCMD ["npm", "start"]\n', files))
    assert startup.commands == (("npm", "start"),)


def test_the_programs_of_supervisord_are_started() -> None:
    text = 'FROM php:8.3-fpm\nCOPY . .\nCMD ["supervisord", "-c", "/etc/s.conf"]\n'
    files = """
        etc/s.conf 1kB @2 = [program:a]\\ncommand=php-fpm -F\\n[program:b]\\ncommand=/run.sh
        run.sh 1kB @2 755 = #!/bin/sh\\nexec nginx
    """
    startup = read_image_startup(make_facts(text, files))
    assert startup.program_names == ("supervisord", "php-fpm", "nginx")
