"""The hints from a failed attempt for the next one."""

import pytest

from bot.model.proof import Regression, RegressionKind
from bot.rewrite.ecosystems.go import ECOSYSTEM as GO
from bot.rewrite.plan import RetryHints
from bot.rewrite.retry_hints import explain_refusal, hints_from
from tests.support.rewrite_world import make_facts

MADE = make_facts(
    "FROM x\nCOPY . /\n",
    "base 1MB\ndeb libpq5 1MB base brings usr/lib/libpq.so.5\nopt/mine.so.1 1kB @2\n"
    "opt/mine.so -> mine.so.1 @2\n",
)
NONE = RetryHints()


def learn_hints(*objections: Regression) -> RetryHints:
    return hints_from(MADE, NONE, objections)


@pytest.mark.parametrize(
    "objection",
    [
        Regression(RegressionKind.SIZE, "size", "."),
        Regression(RegressionKind.LIBRARY, "libx.so", "."),
        Regression(RegressionKind.SETTING, "USER", "."),
    ],
)
def test_regressions_that_give_no_hint(objection: Regression) -> None:
    assert learn_hints(objection) == learn_hints() == NONE


@pytest.mark.parametrize(
    ("objection", "lessons"),
    [
        (
            Regression(RegressionKind.LIBRARY, "libpq.so.5", ".", "/usr/lib/libpq.so.5"),
            RetryHints(packages=frozenset({"libpq5"})),
        ),
        (
            Regression(RegressionKind.FILE, "usr/lib/libpq.so.5", "."),
            RetryHints(packages=frozenset({"libpq5"})),
        ),
        (
            Regression(RegressionKind.LIBRARY, "mine.so", ".", "/opt/mine.so"),
            RetryHints(paths=frozenset({"opt/mine.so", "opt/mine.so.1"})),
        ),
        (Regression(RegressionKind.FILE, "/gone", "."), RetryHints(paths=frozenset({"gone"}))),
        (
            Regression(RegressionKind.FOLDER, "var/data", "."),
            RetryHints(folders=frozenset({"var/data"})),
        ),
        (Regression(RegressionKind.PACKAGE, "git", "."), RetryHints(packages=frozenset({"git"}))),
        (Regression(RegressionKind.USER, "app", "."), RetryHints(users=frozenset({"app"}))),
        (
            Regression(RegressionKind.SETTING, "ENV GOPATH", "."),
            RetryHints(variables=frozenset({"GOPATH"})),
        ),
        (
            Regression(RegressionKind.BEHAVIOUR, "start", "."),
            RetryHints(skip_pruning=True, skip_moving=True),
        ),
        (
            Regression(RegressionKind.BUILD, "npm", "."),
            RetryHints(skip_pruning=True, skip_moving=True),
        ),
        (Regression(RegressionKind.MODE, "app/x", "."), RetryHints(skip_moving=True)),
        (
            Regression(RegressionKind.CONTENT, "app/x", "."),
            RetryHints(skip_moving=True, skip_mounts=True),
        ),
        (
            Regression(RegressionKind.FILE, "/app/node_modules/x/a.js", "."),
            RetryHints(skip_pruning=True, skip_moving=True),
        ),
    ],
)
def test_the_hint_of_each_kind_of_regression(objection: Regression, lessons: RetryHints) -> None:
    assert learn_hints(objection) == lessons


def test_hints_of_several_regressions_add_up() -> None:
    hints = learn_hints(
        Regression(RegressionKind.USER, "a", "."), Regression(RegressionKind.USER, "b", ".")
    )
    assert hints.users == {"a", "b"}


def test_a_difference_in_behaviour_adds_the_packages_of_scripts() -> None:
    facts = make_facts(
        "FROM x\nCOPY . /\n",
        "base 1MB\ndeb xz-utils 1MB base brings usr/bin/xz\njobs/a.sh 1kB @2 755 = xz -d x\n",
    )
    hints = hints_from(facts, NONE, [Regression(RegressionKind.BEHAVIOUR, "start", ".")])
    assert hints.packages == {"xz-utils"}


def test_a_program_that_calls_its_toolchain_is_left_alone() -> None:
    facts = make_facts(
        "FROM golang:1.24\nCOPY . /\n",
        "base 1MB\nusr/local/go/bin/go 13MB base 755 = ELF\ndeb golang-go 1MB base brings"
        " usr/bin/go\nusr/bin/go 1MB base 755\nusr/local/bin/go 1kB @2 755 = #!/bin/sh\n",
    )

    def explain(name: str, path: str) -> str:
        message = f"main.go names {name}, which the new image does not have."
        lost = Regression(RegressionKind.PROGRAM, name, message, path)
        return explain_refusal(facts, GO, [lost])

    assert explain("go", "usr/local/go/bin/go") == (
        "it calls its toolchain when it runs: main.go names go, which the new image does not have"
    )
    assert explain("go", "usr/bin/go") == ""
    assert explain("go", "usr/local/bin/go") == ""
    assert explain("git", "usr/local/go/bin/go") == ""
    assert explain_refusal(facts, GO, [Regression(RegressionKind.FILE, "go", "go.")]) == ""


def test_a_program_is_installed_with_the_package_of_the_name_that_is_called() -> None:
    facts = make_facts(
        "FROM x\nCOPY . /\n",
        "base 1MB\ndeb python3 1MB base needs python3-minimal brings usr/share/python3/x\n"
        "deb python3-minimal 1MB base needs python3.11-minimal brings usr/bin/python3\n"
        "deb python3.11-minimal 1MB base brings usr/bin/python3.11\n",
    )
    real = "usr/bin/python3.11"
    lost = [Regression(RegressionKind.PROGRAM, x, ".", real) for x in ("python3", "python3.11")]
    assert hints_from(facts, NONE, lost[:1]).packages == {"python3"}
    assert hints_from(facts, NONE, lost[1:]).packages == {"python3.11-minimal"}
