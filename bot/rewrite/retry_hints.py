"""What an attempt that failed teaches the next one."""

import re
from collections.abc import Iterable
from dataclasses import replace

from bot.model.proof import Lesson, Objection
from bot.rewrite.build_facts import World
from bot.rewrite.called_programs import owners_in_scripts
from bot.rewrite.package_install import libraries_behind_headers
from bot.rewrite.plan import Lessons

# Where what is missing was taken away by the pruning of development dependencies.
_MODULES = re.compile(r"/(?:node_modules|vendor|bundle)/")


def learn(world: World, lessons: Lessons, objections: Iterable[Objection]) -> Lessons:
    """The lessons and what the objections add; the same as before if there is nothing in them."""
    for objection in objections:
        lessons = _learnt(world, lessons, objection)
    return lessons


def _learnt(world: World, known: Lessons, objection: Objection) -> Lessons:
    subject = objection.subject
    match objection.lesson:
        case Lesson.LIBRARY | Lesson.PROGRAM | Lesson.INTERPRETER if objection.path:
            known = _bring(world, known, objection.path)
        case Lesson.FILE if _MODULES.search(subject):
            known = replace(known, unpruned=True)
        case Lesson.FILE:
            known = _bring(world, known, subject)
        case Lesson.FOLDER:
            known = replace(known, folders=known.folders | {subject})
        case Lesson.PACKAGE:
            known = replace(known, packages=known.packages | {subject})
        case Lesson.USER:
            known = replace(known, users=known.users | {subject})
        case Lesson.SETTING if subject.startswith("ENV "):
            known = replace(known, variables=known.variables | {subject.removeprefix("ENV ")})
        case Lesson.BEHAVIOUR:
            more = libraries_behind_headers(world) | owners_in_scripts(world)
            known = replace(known, unpruned=True, packages=known.packages | more)
        case Lesson.BUILD:
            known = replace(known, unpruned=True)
    return known


def _bring(world: World, known: Lessons, path: str) -> Lessons:
    """The package that has a file, or else the file itself."""
    real = world.paths.real(path) or path.strip("/")
    owner = world.system.owner(real) or world.system.owner(path.strip("/"))
    if owner:
        return replace(known, packages=known.packages | {owner})
    return replace(known, paths=known.paths | {path.strip("/"), real})
