"""Compilers and headers that are installed in the final stage."""

import re
from collections.abc import Iterator

from bot.advise.base_images import is_public_image
from bot.advise.build_packages import is_build_helper, is_library_header
from bot.advise.build_stage_worth import (
    compiles_dependencies,
    find_build_signs,
    has_base_compilers,
    is_building_call,
    recommends_compilers,
)
from bot.advise.finding import Finding
from bot.advise.image_purpose import find_work_reason
from bot.advise.program_starts import has_make_script
from bot.advise.run_time_builds import may_compile_at_start
from bot.advise.shipped_programs import has_program
from bot.advise.subject import RuleInput, Step
from bot.advise.work_packages import compiles_when_it_runs
from bot.dockerfile.shell_calls import Call, iter_instruction_calls
from bot.dockerfile.shell_programs import INSTALL_SUBCOMMANDS
from bot.image.archives.reference import split_reference
from bot.pattern_lists import compile_sections

_BUILD_MESSAGE = (
    "Install {names} in a build stage, and copy the result with `COPY --from`. Check which "
    "libraries the result loads: the final stage must install those by name, since the `-dev` "
    "packages that installed them are gone."
)
_HEADERS_MESSAGE = (
    "Nothing compiles with {names} in this stage, which has no compiler. Install the libraries "
    "that the program loads in their place, by their own names (`libpq5` for `libpq-dev`)."
)
_REMOVE_SUBCOMMANDS = ("remove", "purge", "autoremove", "del", "erase", "rm")
_COMPILERS = compile_sections("bot.image.packages", "build_only.txt", "compilers")
# Allocators are loaded by a name that only these packages have: apache/flink-docker.
_ALLOCATORS = re.compile(
    r"(?:lib)?(?:jemalloc|mimalloc|google-perftools|tcmalloc-minimal4?)-(?:dev|devel)"
)
# A script may compile.
_SCRIPT = re.compile(r"\.sh$|^(?:bash|sh|python[\d.]*|perl)$")
_COMPILER_PACKAGES = compile_sections(
    "bot.image.packages", "build_only.txt", "compilers", "headers"
)


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every `RUN` that installs and keeps them; nothing in images to build or work in."""
    if find_work_reason(rule_input) or may_compile_at_start(rule_input):
        return
    if not has_program(rule_input):
        return
    has_compilers = _may_have_compilers(rule_input)
    # Another stage builds, so that headers in this one are for nothing.
    is_elsewhere = len(rule_input.dockerfile.stages) > len(rule_input.final_stages)
    asks_for_compiler = any(map(_asks_for_compiler, rule_input.list_run_calls()))
    may_use_helpers = _may_use_helpers(rule_input)
    last_line = max((sign.line for sign in find_build_signs(rule_input)), default=0)
    for step in rule_input.iter_runs():
        tools = _list_tools(rule_input, step, asks_for_compiler=asks_for_compiler)
        has_tools = has_compilers or any(map(_COMPILERS.fullmatch, tools))
        # Without a compiler, helpers are tools of a terminal: davidcollom/dockerfiles.
        if all(map(is_build_helper, tools)) and not may_use_helpers:
            continue
        # Only what is built behind them shows that they are there for a build.
        if last_line < step.instruction.line_start if has_tools else not is_elsewhere:
            continue
        if any(map(_COMPILERS.fullmatch, tools)) and (
            compiles_when_it_runs(rule_input) or _is_for_run_time(rule_input, step)
        ):
            continue
        if tools and not _removes_packages(step):
            names = ", ".join(f"`{name}`" for name in tools[:5])
            yield Finding(
                step.instruction,
                _build_title(tools),
                (_BUILD_MESSAGE if has_tools else _HEADERS_MESSAGE).format(names=names),
                _measure_saving(rule_input, step),
            )


def _may_use_helpers(rule_input: RuleInput) -> bool:
    """Return True if a `RUN` builds, or if a compiler is in the image, too.

    `pip install` beside make alone compiles nothing: INCATools/ontology-development-kit.
    """
    calls = rule_input.list_run_calls()
    if any(map(is_building_call, calls)):
        return True
    installed = (name for call in calls for name in _find_compilers(call))
    is_public = is_public_image(rule_input.base_image or "")
    return (
        not is_public
        or has_base_compilers(rule_input.base_image or "")
        or any(map(recommends_compilers, calls))
        or not all(map(is_build_helper, installed))
    )


def _list_tools(rule_input: RuleInput, step: Step, *, asks_for_compiler: bool) -> list[str]:
    """Return the compilers and headers that a step installs for a build."""
    tools = [name for call in step.calls for name in _find_compilers(call)]
    if not asks_for_compiler and any(map(is_library_header, tools)):
        # `binutils libproj-dev gdal-bin` are what GeoDjango loads, and finds it with.
        tools = [x for x in tools if not is_library_header(x) and not is_build_helper(x)]
    if "make" in tools and rule_input.ask_once(has_make_script):
        tools.remove("make")
    return tools


def _asks_for_compiler(call: Call) -> bool:
    """Return True if a command installs what compiles, or packages that recommend it."""
    names = _find_compilers(call)
    is_tool = any(_COMPILERS.fullmatch(name) and not is_build_helper(name) for name in names)
    return is_tool or recommends_compilers(call)


def _is_for_run_time(rule_input: RuleInput, step: Step) -> bool:
    """Return True if another stage builds, and nothing is compiled behind this step.

    Whoever wrote two stages and installs compilers in the last one wants them there, and so does
    whoever installs them in both: aws/deep-learning-containers compiles kernels when it runs.
    """
    if len(rule_input.dockerfile.stages) == len(rule_input.final_stages):
        return False
    if any(map(_COMPILERS.fullmatch, _list_compilers_elsewhere(rule_input))):
        return True
    calls = (call for later in (step, *rule_input.steps_after(step)) for call in later.calls)
    return not any(compiles_dependencies(call) or _SCRIPT.search(call.name) for call in calls)


def _may_have_compilers(rule_input: RuleInput) -> bool:
    """Return False if nothing can be built with headers: the image has no compiler for them.

    libssl-dev of odoo/docker has nothing to do with a build.
    """
    base, calls = rule_input.base_image or "", rule_input.list_run_calls()
    if any(_COMPILERS.fullmatch(name) for call in calls for name in _find_compilers(call)):
        return True
    if any(map(recommends_compilers, calls)) or has_base_compilers(base):
        return True
    # It has what extensions are compiled with.
    if split_reference(base).name == "php":
        return True
    # What a base of a project's own has is not known.
    return not is_public_image(base) and any(map(compiles_dependencies, calls))


def _list_compilers_elsewhere(rule_input: RuleInput) -> Iterator[str]:
    for stage in rule_input.dockerfile.stages:
        if stage not in rule_input.final_stages:
            for instruction in stage.instructions:
                for call in iter_instruction_calls(instruction):
                    yield from _find_compilers(call)


def _build_title(packages: list[str]) -> str:
    first, *others = packages
    match others:
        case []:
            names = first
        case [other]:
            names = f"{first} and {other}"
        case _:
            names = f"{first} and {len(others)} more packages"
    return f"Keep {names} out of the final image"


def _find_compilers(call: Call) -> list[str]:
    """Return the compilers and headers that a command installs."""
    if call.subcommand not in INSTALL_SUBCOMMANDS.get(call.name, ()):
        return []
    names = (value.partition("=")[0] for value in call.known_arguments)
    return [
        name
        for name in names
        if _COMPILER_PACKAGES.fullmatch(name) and not _ALLOCATORS.fullmatch(name)
    ]


def _removes_packages(step: Step) -> bool:
    """Return True if a step removes packages: `autoremove` alone leaves what was asked for."""
    is_marked = any(call.name == "apt-mark" for call in step.calls)
    return any(
        call.name in INSTALL_SUBCOMMANDS
        and call.subcommand in _REMOVE_SUBCOMMANDS
        and (is_marked or call.subcommand != "autoremove" or len(call.operands) > 1)
        for call in step.calls
    )


def _measure_saving(rule_input: RuleInput, step: Step) -> int | None:
    """Return the bytes of such packages in the layer, dependencies included."""
    if rule_input.evidence is None:
        return None
    layer = rule_input.evidence.find_layer(step.instruction)
    owners = layer.owners.items() if layer else ()
    return sum(
        size
        for owner, size in owners
        if owner.kind in ("deb", "apk", "rpm") and _COMPILER_PACKAGES.fullmatch(owner.name)
    )
