"""What an attempt that failed teaches the next one."""

import pytest

from bot.model.proof import Lesson, Objection
from bot.rewrite.plan import Lessons
from bot.rewrite.retry_hints import learn
from tests.support.rewrite_world import world

MADE = world(
    "FROM x\nCOPY . /\n",
    "base 1MB\ndeb libpq5 1MB base brings usr/lib/libpq.so.5\nopt/mine.so.1 1kB @2\n"
    "opt/mine.so -> mine.so.1 @2\n",
)
NONE = Lessons()


def learnt(*objections: Objection) -> Lessons:
    return learn(MADE, NONE, objections)


@pytest.mark.parametrize(
    "objection",
    [
        Objection(Lesson.SIZE, "size", "."),
        Objection(Lesson.LIBRARY, "libx.so", "."),
        Objection(Lesson.SETTING, "USER", "."),
        Objection(Lesson.MODE, "etc/x", "."),
    ],
)
def test_nothing(objection: Objection) -> None:
    assert learnt(objection) == learnt() == NONE


@pytest.mark.parametrize(
    ("objection", "lessons"),
    [
        (
            Objection(Lesson.LIBRARY, "libpq.so.5", ".", "/usr/lib/libpq.so.5"),
            Lessons(packages=frozenset({"libpq5"})),
        ),
        (
            Objection(Lesson.FILE, "usr/lib/libpq.so.5", "."),
            Lessons(packages=frozenset({"libpq5"})),
        ),
        (
            Objection(Lesson.LIBRARY, "mine.so", ".", "/opt/mine.so"),
            Lessons(paths=frozenset({"opt/mine.so", "opt/mine.so.1"})),
        ),
        (Objection(Lesson.FILE, "/gone", "."), Lessons(paths=frozenset({"gone"}))),
        (Objection(Lesson.FOLDER, "var/data", "."), Lessons(folders=frozenset({"var/data"}))),
        (Objection(Lesson.PACKAGE, "git", "."), Lessons(packages=frozenset({"git"}))),
        (Objection(Lesson.USER, "app", "."), Lessons(users=frozenset({"app"}))),
        (Objection(Lesson.SETTING, "ENV GOPATH", "."), Lessons(variables=frozenset({"GOPATH"}))),
        (Objection(Lesson.BEHAVIOUR, "start", "."), Lessons(unpruned=True)),
        (Objection(Lesson.BUILD, "npm", "."), Lessons(unpruned=True)),
        (Objection(Lesson.FILE, "/app/node_modules/x/a.js", "."), Lessons(unpruned=True)),
    ],
)
def test_lessons(objection: Objection, lessons: Lessons) -> None:
    assert learnt(objection) == lessons


def test_several_add_up() -> None:
    found = learnt(Objection(Lesson.USER, "a", "."), Objection(Lesson.USER, "b", "."))
    assert found.users == {"a", "b"}


def test_another_behaviour_makes_scripts_suspects() -> None:
    made = world(
        "FROM x\nCOPY . /\n",
        "base 1MB\ndeb xz-utils 1MB base brings usr/bin/xz\njobs/a.sh 1kB @2 755 = xz -d x\n",
    )
    found = learn(made, NONE, [Objection(Lesson.BEHAVIOUR, "start", ".")])
    assert found.packages == {"xz-utils"}
