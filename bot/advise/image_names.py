"""Names of stages, files and folders that say that an image is to develop, test or build in."""

import re
from itertools import pairwise

_DEVELOPMENT_WORDS = (
    "dev|devel(?:op(?:e?ment|ing)?)?|devcontainer|devenv|devbox|debug|lint|linter|vagrant|test|tests|testing|"
    "tester|unittests?|e2e|local|bench|benchmarks?|fuzz|fuzzing|fuzzer|codespaces?|gitpod"
)
_CI_SERVICES = "ci|appveyor|circleci|cirrus|travis|travis-?ci"
# One of the words between separators or at an end: `app-dev`, `ci.Dockerfile`, not `device`.
_DEVELOPMENT_NAME = re.compile(rf"(?:^|[-_.])(?:{_DEVELOPMENT_WORDS}|{_CI_SERVICES})(?:$|[-_.])")
# What `docker/ci` makes may be shipped (GreptimeTeam/greptimedb).
_DEVELOPMENT_FOLDER = re.compile(rf"(?:^|[-_.])(?:{_DEVELOPMENT_WORDS})(?:$|[-_.])")
_BUILDER_NAME = re.compile(
    r"(?:^|[-_.])(?:binary|build|build-?env|builder|code-?gen|generator|gen-?proto|sdk|toolbox|toolchain|tools)(?:$|[-_.])"
)
# `Dockerfile.build` and `genproto/Dockerfile`; an application is often built in a folder `build`.
_BUILDER_FOLDER = re.compile(r"build-?env|builder|code-?gen|cross|generator|gen-?proto|toolchain")
# `rust-1.85.Dockerfile`: an image of a language, in which programs of others are compiled.
_LANGUAGE_RELEASE = re.compile(
    r"(?:c|cpp|crystal|dart|dotnet|elixir|gcc|ghc|gleam|go|golang|haskell|java|jdk|kotlin|node|nodejs"
    r"|ocaml|php|python|ruby|rust|scala|swift|typescript|zig)-?v?\d[\d.]*"
)
# Wherever they are in the path; `dev` and `test` may be the names of projects.
_DEVELOPMENT_FOLDERS = frozenset(
    {"local", "development", "devcontainer", ".devcontainer", "tests", "testing", "benchmarks"}
    | {"dev-env", "devenv", "dev_env"}
    | {".ci", ".circleci", ".buildkite", ".github", ".gitlab", ".gitpod", ".clusterfuzzlite"}
)
# Folders that have a folder for each environment: Cloud-CV/Fabrik has `docker/dev/django`.
_DOCKER_FOLDERS = frozenset({"docker", ".docker", "dockerfiles", "compose", "containers"})
# `php-dev/8.3-alpine/Dockerfile` is one of several releases of `php-dev`.
_VERSION_FOLDER = re.compile(r"v?\d[\d.]*(?:[-.][\w.-]+)?$")


def is_development_name(name: str) -> bool:
    """Return True for a stage or target for developers, tests or CI."""
    return bool(_DEVELOPMENT_NAME.search(name.lower()))


def is_builder_name(name: str) -> bool:
    """Return True for a stage that is named after a build, or a tool of one."""
    return bool(_BUILDER_NAME.search(name.lower()))


def is_development_path(path: str) -> bool:
    """Return True for the path of a Dockerfile for developers or tests.

    The file's name and its folder say so; further up, a `test` may be the name of a project.
    """
    names = [name for name in path.lower().split("/") if not _VERSION_FOLDER.match(name)]
    # `compose/local/django/Dockerfile` is beside `compose/production`: cookiecutter-django.
    if not _DEVELOPMENT_FOLDERS.isdisjoint(names[:-1]) or any(map(is_development_name, names[-2:])):
        return True
    return any(
        parent in _DOCKER_FOLDERS and _DEVELOPMENT_FOLDER.search(name)
        for parent, name in pairwise(names[:-1])
    )


def is_builder_folder(path: str) -> bool:
    """Return True if the folder of a Dockerfile is named after what builds: `builder`, `cross`."""
    folder = path.lower().rpartition("/")[0]
    return bool(_BUILDER_FOLDER.fullmatch(folder.rpartition("/")[2]))


def is_builder_path(path: str) -> bool:
    """Return True if a file, or its folder, is named after what it builds with."""
    name = path.lower().rpartition("/")[2]
    label = re.sub(r"^dockerfile[-_.]?|[-_.]?dockerfile$", "", name)
    return (
        bool(_BUILDER_NAME.search(label))
        or is_builder_folder(path)
        or bool(_LANGUAGE_RELEASE.fullmatch(label))
    )
