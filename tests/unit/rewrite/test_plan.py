"""The plan of a rewrite: what is set, installed and explained besides what is copied."""

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.model.container_config import ContainerConfig
from bot.rewrite.build_facts import BaseCandidate
from bot.rewrite.ecosystems.go import ECOSYSTEM
from bot.rewrite.plan import RetryHints, RewritePlan, build_plan
from bot.rewrite.rewrite import NO_HINTS
from tests.support.rewrite_world import GO, GO_FILES, make_facts, read_image_startup
from tests.unit.rewrite.test_dockerfile_writer import shift_lines

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
RUN = 'CMD ["/app"]\n'


def make_plan(
    files: str = "",
    text: str = GO + RUN,
    lessons: RetryHints = NO_HINTS,
    **ground: Any,
) -> RewritePlan:
    facts = make_facts(text, GO_FILES + files)
    settings = ContainerConfig(**{"env": {"PATH": PATH}, **ground})
    return build_plan(
        facts, read_image_startup(facts), ECOSYSTEM, BaseCandidate("debian", settings), lessons
    )


def test_toolchain_variables_are_dropped_with_a_reason() -> None:
    plan = make_plan()
    assert plan.inherited_instructions == ()
    assert plan.accepted_changes == {
        "ENV PATH": "the folders of the toolchain are gone",
        "ENV GOPATH": "only the Go toolchain reads it",
    }


def test_variables_of_the_old_base_are_set_again() -> None:
    assert make_plan("base ENV LANG=C.UTF-8").inherited_instructions == ("ENV LANG=C.UTF-8",)
    assert (
        make_plan(
            "base ENV LANG=C.UTF-8", env={"PATH": PATH, "LANG": "C.UTF-8"}
        ).inherited_instructions
        == ()
    )


@pytest.mark.parametrize(
    ("value", "line"),
    [("a/b:c-d_1+2,3.", "ENV X=a/b:c-d_1+2,3."), ("a b", 'ENV X="a b"'), ("é", "ENV X=é")],
)
def test_values_are_quoted_where_needed(value: str, line: str) -> None:
    assert make_plan(f'base ENV X="{value}"').inherited_instructions == (line,)


def test_a_dollar_and_quotes_are_escaped() -> None:
    facts = make_facts(GO + RUN, GO_FILES)
    env = {**facts.base_config.env, "PS1": 'a"$b\\'}
    base = replace(facts.base_config, env=env)
    config = replace(facts.built.config, env=env)
    changed = replace(facts, built=replace(facts.built, base_config=base, config=config))
    plan = build_plan(
        changed, read_image_startup(changed), ECOSYSTEM, BaseCandidate("debian"), RetryHints()
    )
    assert 'ENV PS1="a\\"\\$b\\\\"' in plan.inherited_instructions


def test_the_escape_character_is_that_of_the_file() -> None:
    text, files = f"# escape=`\n{GO}{RUN}", shift_lines(GO_FILES, 1)
    facts = make_facts(text, files + 'base ENV X="C:\\dir"\n')
    env = {**facts.base_config.env, "X": 'a\\b `c "d"'}
    base, config = replace(facts.base_config, env=env), replace(facts.built.config, env=env)
    changed = replace(facts, built=replace(facts.built, base_config=base, config=config))
    plan = build_plan(
        changed, read_image_startup(changed), ECOSYSTEM, BaseCandidate("debian"), RetryHints()
    )
    assert 'ENV X="a\\b ``c `"d`""' in plan.inherited_instructions


def test_an_entry_point_is_written_as_json() -> None:
    facts = make_facts(GO, GO_FILES)
    entrypoint = ("/app", 'a "b"\t\\c', "é")
    base = replace(facts.base_config, entrypoint=entrypoint)
    config = replace(facts.built.config, entrypoint=entrypoint)
    changed = replace(facts, built=replace(facts.built, base_config=base, config=config))
    plan = build_plan(
        changed, read_image_startup(changed), ECOSYSTEM, BaseCandidate("debian"), RetryHints()
    )
    (line,) = (x for x in plan.inherited_instructions if x.startswith("ENTRYPOINT"))
    assert tuple(json.loads(line.removeprefix("ENTRYPOINT "))) == entrypoint
    assert "é" in line


def test_a_path_with_a_blank_is_one_value() -> None:
    files = 'base ENV PATH="/opt/x y/bin:/usr/bin"\nopt/x y/bin/tool 1MB @4 755\n'
    assert make_plan(files).inherited_instructions == ('ENV PATH="/opt/x y/bin:/usr/bin"',)


def test_overridden_variables_are_not_set_from_the_base() -> None:
    assert (
        make_plan("base ENV LANG=C", GO + "ENV LANG=de_DE.UTF-8\n" + RUN).inherited_instructions
        == ()
    )


def test_a_path_with_programs_of_its_own_stays() -> None:
    assert (
        make_plan("go/bin/tool 1MB @4 755 = ELF go\n").inherited_instructions == ()
    )  # it is not copied
    files = "base ENV PATH=/opt/x/bin:/usr/bin\nopt/x/bin/tool 1MB @4 755\n"
    assert make_plan(files).inherited_instructions == ("ENV PATH=/opt/x/bin:/usr/bin",)


def test_workdir_entrypoint_and_ports_of_the_old_base_are_set_again() -> None:
    base = 'base WORKDIR /data\nbase STOPSIGNAL SIGQUIT\nbase ENTRYPOINT ["/start it"]\nbase EXPOSE 80\n'
    text = "FROM golang:1.24\nRUN true\nCOPY . /src\nRUN go build -o /app /src\n" + RUN
    assert make_plan(base, text).inherited_instructions == (
        "WORKDIR /data", "STOPSIGNAL SIGQUIT", 'ENTRYPOINT ["/start it"]', "EXPOSE 80/tcp",
    )  # fmt: skip


def test_labels_of_the_base_are_dropped_with_a_reason() -> None:
    assert "LABEL version" in make_plan("base LABEL version=1").accepted_changes


def test_variables_of_the_new_base_have_a_reason() -> None:
    assert (
        make_plan(env={"PATH": PATH, "EXTRA": "1"}).accepted_changes["ENV EXTRA"]
        == "the new base image sets it"
    )


def test_certificates_and_time_zones_are_installed_where_they_were() -> None:
    assert make_plan().package_install.names == ()
    files = (
        "deb ca-certificates 1MB base brings etc/ssl/certs/ca-certificates.crt\n"
        "deb tzdata 1MB base brings usr/share/zoneinfo/Europe/Berlin\n"
    )
    assert set(make_plan(files).package_install.names) == {"ca-certificates", "tzdata"}


def test_hints_are_part_of_the_plan() -> None:
    lessons = RetryHints(
        packages=frozenset({"git"}), folders=frozenset({"var/b", "var/a"}),
        variables=frozenset({"GOPATH"}), users=frozenset({"app"}), paths=frozenset({"src/main.go"}),
    )  # fmt: skip
    plan = make_plan("user app 7:7 /a /b", lessons=lessons)
    assert plan.package_install.names == ("git",)
    assert plan.folders == ("var/a", "var/b")
    assert plan.inherited_instructions == ("ENV GOPATH=/go",)
    assert [x.name for x in plan.users] == ["app"]
    assert "src/main.go" not in plan.copy_plan.dropped_sizes


def test_version_variables_of_the_old_base_are_dropped_with_a_reason() -> None:
    listing = "base ENV JAVA_HOME=/opt/old\nopt/old/release 1kB base\n"
    plan = make_plan(listing)
    assert plan.inherited_instructions == ()
    assert "ENV JAVA_HOME" in plan.accepted_changes
    other = make_plan("base ENV X_VERSION=1", env={"PATH": PATH, "X_VERSION": "2"})
    assert other.inherited_instructions == ()
    assert other.accepted_changes["ENV X_VERSION"] == "the new base image has its own"
