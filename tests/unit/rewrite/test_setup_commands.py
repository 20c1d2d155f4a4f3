"""Commands that prepare folders, repeated in the last stage."""

import pytest

from bot.rewrite.copy_choice import CopyItem
from bot.rewrite.setup_commands import list_setup_commands
from tests.support.rewrite_world import make_facts

PIECES = (CopyItem("app", is_folder=True, size=1), CopyItem("opt/x/run", is_folder=False, size=1))


def list_repeated(line: str) -> list[str]:
    facts = make_facts(f"FROM x\nWORKDIR /work\n{line}\n")
    return list(list_setup_commands(facts, facts.rule_input.steps[-1], PIECES))


@pytest.mark.parametrize(
    "line",
    [
        "COPY . .",
        "RUN make && ./configure",
        "RUN apt-get update",
        "RUN mkdir /app/x",
        "RUN mkdir -p /app /app/y",
        "RUN chmod +x /app/start.sh",
        "RUN chmod +x /opt/x/run",
        "RUN chmod -R g+w /opt",
        "RUN chown -R app /app",
        "RUN if true; then mkdir /data; fi",
        "RUN (mkdir /data)",
        "RUN echo x > /etc/x.conf",
        "RUN apt-get install x && echo deb > /etc/apt/sources.list.d/x.list",
        "RUN apt-get install x && echo x > /tmp/x",
        "RUN install -m 755 run /usr/bin/run",
        "RUN useradd app",
        "RUN rm -rf /etc/apt/sources.list.d/x.list",
        "RUN rm -rf /var/lib/apt/lists/* /etc/x",
        "RUN ln -s /opt/x/run /app/run",
    ],
)
def test_commands_that_are_not_repeated(line: str) -> None:
    assert list_repeated(line) == []


@pytest.mark.parametrize(
    ("line", "commands"),
    [
        ("RUN mkdir -p /data", ["mkdir -p /data"]),
        ("RUN mkdir data", ["mkdir data"]),
        ("run mkdir /data", ["mkdir /data"]),
        ("RUN make && mkdir /data && chown app:app /data", ["mkdir /data", "chown app:app /data"]),
        ("RUN install -d -o app /data", ["install -d -o app /data"]),
        ("RUN mkdir \\\n  /data \\\n  /logs", ["mkdir \\\n  /data \\\n  /logs"]),
        ("RUN <<EOF\nmake\nmkdir /data\nEOF", ["mkdir /data"]),
        ("RUN chown -R app /app /data", ["chown -R app /data"]),
        ("RUN chown -R app /opt", ["find /opt -type d -exec chown app {} +"]),
        ("RUN chown app /opt /app", ["chown app /opt"]),
        ("RUN chgrp -R 0 /data", ["chgrp -R 0 /data"]),
        ("RUN chmod 1777 /data", ["chmod 1777 /data"]),
        ("RUN locale-gen de_DE.UTF-8", ["locale-gen de_DE.UTF-8"]),
        ("RUN ln -sf /dev/stdout /var/log/x", ["ln -sf /dev/stdout /var/log/x"]),
        ("RUN apt-get install -y x && sed -i s/a/b/ /etc/x.conf", ["sed -i s/a/b/ /etc/x.conf"]),
        ("RUN apt-get install x && echo a b >> /etc/x", ["echo a b >> /etc/x"]),
        ("RUN rm -f /etc/nginx/sites-enabled/default", ["rm -f /etc/nginx/sites-enabled/default"]),
    ],
)
def test_commands_that_are_repeated(line: str, commands: list[str]) -> None:
    assert list_repeated(line) == commands


@pytest.mark.parametrize(
    ("lines", "commands"),
    [
        # Nothing has made these folders in the last stage where the command would run.
        ("RUN mkdir /opt/x && chown app /opt/x", []),
        ("RUN mkdir -p /opt/x && chown -R app:app /opt/x", []),
        ("RUN mkdir /opt/x\nRUN chown app /opt/x", []),
        ("RUN mkdir /opt/x /data && chown app /opt/x /data", ["mkdir /data", "chown app /data"]),
        # A WORKDIR, the base image or a folder that is made again has made these.
        ("RUN mkdir /opt/x\nWORKDIR /opt/x\nRUN chown app .", ["chown app ."]),
        ("RUN chown app /opt/x", ["chown app /opt/x"]),
        ("RUN useradd app && chown app /opt/x", ["chown app /opt/x"]),
        (
            "RUN mkdir -p /opt/x/logs && chown app /opt/x",
            ["mkdir -p /opt/x/logs", "chown app /opt/x"],
        ),
    ],
)
def test_the_owner_of_a_folder_that_only_a_copy_makes_is_not_set_before(
    lines: str, commands: list[str]
) -> None:
    listing = "base 1MB\nopt/x/run 1MB @3\ndata/ @3 755\nopt/x/logs/ @3 755"
    facts = make_facts(f"FROM x\nWORKDIR /work\n{lines}\n", listing)
    commands_of_all = [
        command
        for step in facts.rule_input.steps
        for command in list_setup_commands(facts, step, PIECES)
    ]
    assert commands_of_all == commands


def test_a_folder_that_was_removed_again_is_not_created() -> None:
    text = "FROM x\nRUN mkdir /tmp/b /data && make && rm -rf /tmp/b\n"
    facts = make_facts(text, "base 1MB\ndata/ @2 755\n")
    assert list_setup_commands(facts, facts.rule_input.steps[-1], PIECES) == ("mkdir /data",)
    both = make_facts(text, "base 1MB\ndata/ @2 755\ntmp/b/ @2 755\n")
    assert list_setup_commands(both, both.rule_input.steps[-1], PIECES) == ("mkdir /tmp/b /data",)


def test_a_folder_of_what_stays_behind_is_not_created() -> None:
    text = "FROM x\nRUN mkdir -m 755 -p /build /data && make\n"
    facts = make_facts(text, "base 1MB\ndata/ @2 755\nbuild/x.o 1kB @2\n")
    commands = list_setup_commands(facts, facts.rule_input.steps[-1], PIECES)
    assert commands == ("mkdir -m 755 -p /data",)


def test_an_empty_folder_of_a_build_is_not_created() -> None:
    text = "FROM x\nWORKDIR /app\nRUN mkdir -p build uploads && make\n"
    facts = make_facts(text, "base 1MB\napp/build/ @3 755\napp/uploads/ @3 755\n")
    commands = list_setup_commands(facts, facts.rule_input.steps[-1], ())
    assert commands == ("mkdir -p uploads",)


def test_a_source_that_is_touched_is_not_made() -> None:
    """`touch src/main.rs` makes Cargo build it again."""
    text = "FROM x\nWORKDIR /app\nRUN touch src/main.rs && touch /var/log/x && make\n"
    facts = make_facts(text, "base 1MB\napp/src/main.rs 1kB @3\nvar/log/x 1kB @3\n")
    commands = list_setup_commands(facts, facts.rule_input.steps[-1], ())
    assert commands == ("touch /var/log/x",)


def test_a_mode_that_only_root_meets_is_not_set() -> None:
    listing = "base 1MB\ndata/ @2 777\n"
    text = "FROM x\nRUN mkdir /data && chmod 777 /data\n"
    for line, commands in (
        ("", ("mkdir /data",)),
        ("USER app\n", ("mkdir /data", "chmod 777 /data")),
    ):
        facts = make_facts(text + line, listing)
        assert list_setup_commands(facts, facts.rule_input.steps[0], ()) == commands


def test_the_mode_of_a_file_that_is_left_behind_is_not_set() -> None:
    text = (
        "FROM maven:3.9\nWORKDIR /app\nCOPY . .\nRUN chmod +x ./mvnw\n"
        'RUN ./mvnw package\nCMD ["java", "-jar", "target/x.jar"]\n'
    )
    facts = make_facts(text, "app/mvnw 9kB @3 755\napp/target/x.jar 9MB @4\n")
    step = next(step for step in facts.rule_input.steps if "chmod" in step.instruction.text)
    item = CopyItem("app/target/x.jar", is_folder=False, size=9)
    assert list_setup_commands(facts, step, [item]) == ()


def test_the_owner_of_a_folder_of_copied_parts_is_set_behind_them() -> None:
    text = "FROM debian:12\nRUN useradd app\nWORKDIR /app\nCOPY . .\nRUN chown -R app {}\n"
    files = """
        app/ @4 755 ~1000:1000
        app/bin/ @4 755 ~1000:1000
        app/bin/tool 1MB @5 755 ~1000:1000
        app/tests/ @5 755 ~1000:1000
        app/tests/run 1MB @5 755 ~1000:1000
    """
    facts = make_facts(text.format("/app"), files)
    items = (CopyItem("app/bin", is_folder=True, size=1),)
    assert list_setup_commands(facts, facts.rule_input.steps[-1], items) == ()
    other = make_facts(text.format("/app"), f"{files}    app/data/ @5 755 ~1000:1000\n")
    (command,) = list_setup_commands(other, other.rule_input.steps[-1], items)
    assert command == "find /app -type d -exec chown app {} +"
