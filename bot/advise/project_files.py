"""Files in which a project declares its dependencies, read from the build context."""

import json
import posixpath
import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from bot.advise.copy_targets import (
    iter_context_copies,
    list_copy_sources,
    resolve_copy_destination,
)
from bot.advise.script_paths import find_folder
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.shell_calls import Call

Table = Mapping[str, object]
# `-e .`, `./lib` and `file:../lib` of requirements.txt: what pip installs from the project.
_LOCAL_REQUIREMENT = re.compile(r"-e\b|--editable\b|\.|file:")
_WORKSPACE_FILES = ("pnpm-workspace.yaml", "lerna.json", "turbo.json", "nx.json")
_INCLUDE = re.compile(r"(?:-r|--requirement)[ =]?\s*")
_COMMENT = re.compile(r"(?:^|\s)#.*$")
# Scripts that run with an install, workspaces, and parts of the project that are dependencies.
_NODE_SOURCES = re.compile(
    r'"(?:pre|post)?install"\s*:|"(?:pre|post)?prepare"\s*:|"workspaces"\s*:|"(?:file|link):'
)
_SOURCE_SIGNS: Mapping[str, tuple[str, re.Pattern[str]]] = {
    "npm": ("package.json", _NODE_SOURCES),
    "yarn": ("package.json", _NODE_SOURCES),
    "pnpm": ("package.json", _NODE_SOURCES),
    "composer": (
        "composer.json",
        re.compile(r'"classmap"\s*:|"(?:pre|post)-[\w-]+"\s*:|"type"\s*:\s*"path"'),
    ),
    "bundle": ("Gemfile", re.compile(r"(?m)^[ \t]*gemspec\b|\bpath:|:path\s*=>")),
}


def declares_dev_dependencies(rule_input: RuleInput, step: Step, call: Call) -> bool:
    """Return True if the file that a package manager installs from declares some.

    It is the one that is copied to the folder of the install, or else the one at the top of the
    context. Without a context, nothing is known and any install may have some; if the context has
    no such file that can be read, or the file has workspaces, they are not known to be there.
    """
    name, has_dev_dependencies = _PROJECT_FILES[call.name]
    context = rule_input.context
    if context is None or not context.file_sizes:
        return True
    paths = list(_list_install_files(rule_input, step, call, name))
    texts = [context.read_text(path) for path in paths]
    tables = [parse_table(name, text) for text in texts]
    has_workspaces = any(table and read_key(table, "workspaces") for table in tables)
    if has_workspaces or any(x in context.file_sizes for x in _list_workspace_files(paths)):
        return False
    return any(table is not None and has_dev_dependencies(table) for table in tables)


def _list_install_files(rule_input: RuleInput, step: Step, call: Call, name: str) -> Iterator[str]:
    """Yield the files of the context that an install reads."""
    files = rule_input.context.file_sizes if rule_input.context else {}
    steps = rule_input.steps_before(step)
    candidates = (
        [path for path in _list_renamed(rule_input, name) if path in files],
        [path for path in list_copied_files(steps, find_folder(step, call), name) if path in files],
        [name] if name in files else [],
    )
    yield from next(filter(None, candidates), [])


def _list_workspace_files(paths: Sequence[str]) -> Iterator[str]:
    for folder in map(posixpath.dirname, paths):
        yield from (posixpath.join(folder, name) for name in _WORKSPACE_FILES)


def list_copied_files(steps: tuple[Step, ...], folder: str | None, name: str) -> Iterator[str]:
    """Yield the files of the context that may be copied to that name in a folder."""
    for copy in iter_context_copies(steps):
        target = resolve_copy_destination(copy)
        if target is None or folder is None or not posixpath.isabs(folder):
            continue
        below = posixpath.relpath(folder, target)
        for source in list_copy_sources(copy):
            origin = posixpath.normpath(source.lstrip("/") or ".")
            # `COPY services/a/package*.json ./a/`, and `COPY services/a /app/a`.
            if below == "." and fnmatchcase(name, posixpath.basename(origin)):
                yield posixpath.join(posixpath.dirname(origin), name)
            elif not below.startswith(".."):
                yield posixpath.normpath(posixpath.join(origin, below, name))


def _list_renamed(rule_input: RuleInput, name: str) -> Iterator[str]:
    """Yield the files of the context that get that name when they are copied."""
    for copy in iter_context_copies(rule_input.steps):
        sources = list_copy_sources(copy)
        if len(sources) == 1 and posixpath.basename(copy.instruction.words[-1]) == name:
            path = posixpath.normpath(sources[0].lstrip("/"))
            yield from [path] if posixpath.basename(path) != name else []


def list_requirements(rule_input: RuleInput, call: Call) -> Iterator[str]:
    """Yield what a `pip install` installs: the words of the command, and lines of its files.

    A file is looked for by its name: which folder it was copied from is not followed.
    """
    yield from call.known_arguments
    names = [posixpath.basename(x) for x in call.known_arguments if x.endswith(".txt")]
    # Files that these include with `-r base.txt` are appended while they are read.
    for name in names:
        for line in _read_lines(rule_input, name):
            yield line
            included = posixpath.basename(_INCLUDE.sub("", line))
            if _INCLUDE.match(line) and included not in names:
                names.append(included)


def _read_lines(rule_input: RuleInput, name: str) -> Iterator[str]:
    """Yield the lines of the files of that name in the context, without comments."""
    context = rule_input.context
    for path in context.file_sizes if context else ():
        if posixpath.basename(path) == name and context:
            lines = context.read_text(path).splitlines()
            yield from (_COMMENT.sub("", line).strip() for line in lines)


def list_node_requirements(rule_input: RuleInput) -> Iterator[tuple[str, str]]:
    """Yield what the package.json files of the context declare: packages and versions."""
    for table in _list_manifests(rule_input):
        for key in ("dependencies", "devDependencies"):
            declared = read_key(table, key)
            items = declared.items() if isinstance(declared, dict) else ()
            yield from ((str(name), str(version)) for name, version in items)


def needs_sources_to_install(rule_input: RuleInput, call: Call) -> bool:
    """Return True if the context shows that installing what a project declares reads its sources.

    They are scripts of the install, or a part of the project that is installed with it.
    """
    if call.name == "pip":
        return any(map(_LOCAL_REQUIREMENT.match, list_requirements(rule_input, call)))
    name, sign = _SOURCE_SIGNS[call.name]
    context = rule_input.context
    paths = [path for path in (context.file_sizes if context else ()) if _is_file(path, name)]
    # Of another context: which parts a workspace has is not known.
    if has_files(rule_input) and not paths:
        return True
    return any(sign.search(context.read_text(path)) for path in paths if context)


def has_files(rule_input: RuleInput) -> bool:
    """Return True if the files of the build context are known."""
    return bool(rule_input.context and rule_input.context.file_sizes)


def _list_manifests(rule_input: RuleInput) -> list[Table]:
    context = rule_input.context
    paths = [x for x in (context.file_sizes if context else ()) if _is_file(x, "package.json")]
    tables = (parse_table("package.json", context.read_text(path)) for path in paths if context)
    return [table for table in tables if table is not None]


def depends_on_node_package(rule_input: RuleInput, names: Collection[str]) -> bool:
    """Return True if a package.json of the context declares one of the packages."""
    return any(name in names for name, _ in list_node_requirements(rule_input))


def read_only_file(rule_input: RuleInput, name: str) -> str | None:
    """Return the text of the only file of that name in the context; None if it is not known."""
    context = rule_input.context
    paths = [x for x in (context.file_sizes if context else ()) if posixpath.basename(x) == name]
    # Of two files with one name, nobody knows which one was copied.
    return (context.read_text(paths[0]) or None) if context and len(paths) == 1 else None


def _is_file(path: str, name: str) -> bool:
    folders, _, file_name = path.rpartition("/")
    return file_name == name and "node_modules" not in folders.split("/")


def parse_table(name: str, text: str) -> Table | None:
    """Return what a file declares; None if it cannot be read."""
    try:
        table = tomllib.loads(text) if name.endswith(".toml") else json.loads(text)
    except (ValueError, RecursionError):
        return None
    return table if isinstance(table, dict) else None


def read_key(table: Table, *keys: str) -> object:
    """Return the value below some keys; None if there is none."""
    value: object = table
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _is_node_project_with_dev(table: Table) -> bool:
    return bool(read_key(table, "devDependencies"))


def _is_composer_project_with_dev(table: Table) -> bool:
    return bool(read_key(table, "require-dev"))


def _is_poetry_project_with_groups(table: Table) -> bool:
    groups = read_key(table, "tool", "poetry", "group")
    required = [
        group
        for group in (groups.values() if isinstance(groups, dict) else ())
        if not (isinstance(group, dict) and group.get("optional"))
    ]
    keys = (("tool", "poetry", "dev-dependencies"), ("dependency-groups",))
    return bool(required) or any(read_key(table, *names) for names in keys)


def _is_uv_project_with_default_groups(table: Table) -> bool:
    """Return True if `uv sync` installs a group: `dev`, or what `default-groups` says instead."""
    default = read_key(table, "tool", "uv", "default-groups")
    # uv: `default-groups = []` installs none, not even `dev`.
    if default == []:
        return False
    if isinstance(default, list | str):
        return True
    return bool(
        read_key(table, "dependency-groups", "dev")
        or read_key(table, "tool", "uv", "dev-dependencies")
    )


_PROJECT_FILES: Mapping[str, tuple[str, Callable[[Table], bool]]] = {
    "npm": ("package.json", _is_node_project_with_dev),
    "pnpm": ("package.json", _is_node_project_with_dev),
    "composer": ("composer.json", _is_composer_project_with_dev),
    "poetry": ("pyproject.toml", _is_poetry_project_with_groups),
    "uv": ("pyproject.toml", _is_uv_project_with_default_groups),
}
