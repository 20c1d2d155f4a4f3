"""Elixir and Erlang: a release with its own runtime, or modules on an image with Erlang."""

import posixpath
import re
from collections.abc import Iterator

from bot.advise.base_images import list_distribution_images
from bot.advise.path_patterns import compile_path_patterns
from bot.pattern_lists import compile_sections
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.startup import Startup

_RELEASE_SCRIPT = re.compile(r"^(?P<root>.*/rel/[^/]+|.+)/bin/[^/]+$")
_PROJECT_FILES = ("mix.exs", "rebar.config")
_ESCRIPT_LINE = re.compile(r"#!.*\bescript\b")
_OTP_FOLDER = re.compile(r"usr/(?:local/)?lib/erlang/releases/(\d+)/")


def _applies(facts: BuildFacts, startup: Startup) -> bool:
    finders = (_find_releases, _find_escripts, _find_code_folders)
    return any(any(find(facts, startup)) for find in finders)


def _find_releases(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """Yield the folders of started releases, which hold `releases/` and `lib/`."""
    for script in startup.scripts:
        match = _RELEASE_SCRIPT.match(script)
        data = f"{match['root']}/releases/start_erl.data" if match else ""
        # Erlang of the distribution has such a file as well: a release calls its `erl`.
        if match and data in facts.built.own_files and not facts.package_graph.find_owner(data):
            yield f"/{match['root']}"


def _find_escripts(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """Yield the started programs of `mix escript.build` or `rebar3 escriptize`.

    They hold Elixir and their modules, but not Erlang.
    """
    built = facts.built
    for command in startup.commands:
        path = built.find_program(command[0])
        if path in built.own_files and _ESCRIPT_LINE.match(built.read_text(path or "")):
            yield f"/{path}"


def _find_code_folders(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """Yield the folders of modules that `erl -pa ebin deps/*/ebin` names."""
    words = [word for option, word in _list_erl_options(startup) if option in ("-pa", "-pz")]
    paths = [posixpath.normpath(posixpath.join("/", facts.workdir, word)) for word in words]
    pattern = compile_path_patterns(paths) if paths else re.compile(r"(?!)")
    modules = (path for path in facts.built.own_files if path.endswith(".beam"))
    yield from sorted({f"/{posixpath.dirname(path)}" for path in modules if pattern.match(path)})


def _list_erl_options(startup: Startup) -> Iterator[tuple[str, str]]:
    """Yield each word behind an option of `erl`, with that option."""
    for command in startup.commands:
        option = ""
        for word in command[1:] if posixpath.basename(command[0]) == "erl" else ():
            option = word if word.startswith("-") else option
            if option and option != word:
                yield option, word


def _list_required_paths(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    yield from _find_releases(facts, startup)
    for folder in _find_code_folders(facts, startup):
        yield from (folder, posixpath.join(posixpath.dirname(folder), "priv"))
    for option, word in _list_erl_options(startup):
        if option in ("-config", "-args_file"):
            path = posixpath.normpath(posixpath.join("/", facts.workdir, word))
            yield from (path, f"{path}.config")


def _list_base_images(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """Yield the distribution for a release, or else an image of the same Erlang."""
    base = facts.rule_input.base_image or ""
    if any(_find_releases(facts, startup)):
        yield from list_distribution_images(facts.built.os_release, base)
        return
    versions = {match[1] for match in map(_OTP_FOLDER.match, facts.built.tree) if match}
    flavour = "alpine" if facts.built.os_release.id == "alpine" else "slim"
    yield from (f"erlang:{version}-{flavour}" for version in sorted(versions, key=int)[-1:])


def _list_excluded_paths(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    # A release is below _build by default: required paths win over these.
    projects = {facts.workdir, *_list_projects(facts)}
    for folder in sorted(projects):
        yield from (posixpath.join("/", folder, name) for name in ("_build", "deps"))
    if any(_find_releases(facts, startup)):
        # The files of `priv` are in the release again.
        yield from (posixpath.join("/", folder, "priv") for folder in _list_projects(facts))


def _list_projects(facts: BuildFacts) -> Iterator[str]:
    """Yield the folders of the project and of its applications, without a leading slash."""
    for path in facts.built.own_files:
        folder, _, name = path.rpartition("/")
        if name in _PROJECT_FILES:
            yield folder


ECOSYSTEM = Ecosystem(
    name="elixir",
    title="Elixir",
    applies=_applies,
    toolchain_programs=("mix", "elixir", "erlc"),
    residue_paths=(
        "~/.mix",
        "~/.hex",
        "/usr/local/lib/elixir",
        "/usr/local/lib/erlang",
        "/opt/mix",
    ),
    source_pattern=compile_sections("bot.rewrite", "sources.txt", "elixir"),
    build_package_pattern=re.compile(r"elixir|erlang\S*|rebar3?"),
    required_paths=_list_required_paths,
    excluded_paths=_list_excluded_paths,
    base_images=_list_base_images,
)
