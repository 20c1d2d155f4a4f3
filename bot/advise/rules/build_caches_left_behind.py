"""Downloads and build caches of Go, Cargo, Maven, Gradle and other build tools."""

import posixpath
import re
from collections.abc import Iterator, Sequence

from bot.advise.build_tools import (
    BUILD_TOOLS,
    BuildTool,
    has_go_caches,
    has_swift_cache,
    is_windows_image,
)
from bot.advise.dockerfile_changes import add_flag
from bot.advise.finding import Finding, FixSafety
from bot.advise.image_purpose import find_work_reason, starts_build_tool
from bot.advise.package_caches import PackageCache, is_cache_emptied, measure_caches
from bot.advise.run_time_builds import installs_at_start
from bot.advise.script_paths import list_removed_paths
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.edits import TextChange

# Maven's and Gradle's folders have their settings beside the cache: ~/.m2/settings.xml.
_SETTINGS_FOLDERS = ("/.m2", "/.gradle")
_SETTINGS = re.compile(r"/\.(?:m2|gradle)/[\w.-]*(?:settings|gradle\.properties|init)")
_COPYING_TASK = ":install-file"  # of Maven: `mvn install:install-file -Dfile=x.jar`
_ROOT_USERS = ("root", "0", "root:root", "0:0")


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every `RUN` that builds in a final stage.

    Nothing if the container runs a build tool when it starts, or is made to build in.
    """
    # `go run` or `mvn spring-boot:run` as the command reads the caches in the container.
    # `dotnet app.dll` is no build; `dotnet run` is found by the other question.
    programs = {program for tool in BUILD_TOOLS for program in tool.programs} - {"dotnet"}
    if is_windows_image(rule_input.base_image or ""):
        return
    if starts_build_tool(rule_input, programs) or find_work_reason(rule_input):
        return
    if installs_at_start(rule_input):
        return
    texts = ((x.instruction.line_start, x.instruction.text) for x in rule_input.steps)
    settings_line = min((line for line, text in texts if _SETTINGS.search(text)), default=None)
    shared_lines = _find_shared_lines(rule_input)
    for step in rule_input.iter_runs():
        tools = [tool for tool in BUILD_TOOLS if _leaves_cache(rule_input, step, tool)]
        if tools:
            shared = (shared_lines[tool] for tool in tools if tool in shared_lines)
            yield _build_finding(rule_input, step, tools, settings_line, next(shared, None))


def _find_shared_lines(rule_input: RuleInput) -> dict[BuildTool, int]:
    """Return the lines that put a result into a cache which a later `RUN` may take from there.

    A cache mount may be empty when only the later one runs again, and hides what is in the layer.
    """
    lines, shared = dict[BuildTool, int](), dict[BuildTool, int]()
    for step in rule_input.iter_runs():
        for tool in BUILD_TOOLS:
            if any(map(tool.fills_cache, step.calls)):
                if tool in lines:
                    shared[tool] = lines[tool]
                if any(map(tool.installs_results, step.calls)):
                    lines.setdefault(tool, step.instruction.line_start)
    return shared


def _build_finding(
    rule_input: RuleInput,
    step: Step,
    tools: Sequence[BuildTool],
    settings_line: int | None,
    shared_line: int | None,
) -> Finding:
    paths = [path for tool in tools for path in tool.paths]
    # The mount would hide settings that an earlier line puts into the same folder.
    hides_settings = any(path.endswith(_SETTINGS_FOLDERS) for path in paths) and (
        settings_line is not None and settings_line < step.instruction.line_start
    )
    is_fixed = not hides_settings and shared_line is None
    changes = tuple(_add_mounts(rule_input, step, tools)) if is_fixed else ()
    return Finding(
        step.instruction,
        "Use a cache mount for the build cache",
        _build_message(shared_line),
        measure_caches(rule_input, step, paths),
        changes,
        FixSafety.NEEDS_CHECK if changes else FixSafety.MANUAL,
    )


def _build_message(shared_line: int | None) -> str:
    check = (
        "Check that no later step reads it: another `RUN` needs the same mount."
        if shared_line is None
        else f"Line {shared_line} puts files there that another `RUN` may need: run these in one "
        "`RUN` with one mount."
    )
    return (
        f"A cache mount keeps the cache for the next build, but out of the image. {check} A build "
        "stage would keep the compiler out of the image as well."
    )


def _leaves_cache(rule_input: RuleInput, step: Step, tool: BuildTool) -> bool:
    calls = [call for call in step.calls if tool.fills_cache(call)]
    # It downloads next to nothing, and another line needs what it stores.
    if all(call.subcommand.endswith(_COPYING_TASK) for call in calls):
        return False
    if "go" in tool.programs and not has_go_caches(rule_input):
        return False
    if "swift" in tool.programs and not has_swift_cache(rule_input):
        return False
    if _removes_moved_cache(step, tool):
        return False
    cleanup = tool.cleanup_subcommands
    return not any(
        is_cache_emptied(step, PackageCache(name, (), tool.paths, cleanup_subcommands=cleanup))
        for name in tool.programs
    )


def _removes_moved_cache(step: Step, tool: BuildTool) -> bool:
    """Return True if a `RUN` removes the cache in a variable's folder: `"$CARGO_HOME/registry"`."""
    folders = [step.variables[x] for x in tool.directory_variables if step.variables.get(x)]
    names = [posixpath.basename(path) for path in tool.paths]
    caches = {posixpath.join(folder, name) for folder in folders for name in ("", *names, "pkg")}
    paths = (path for _, path in list_removed_paths(step)) if folders else ()
    return any(path.rstrip("/*") in caches or f"{path}/" in caches for path in paths)


def _add_mounts(
    rule_input: RuleInput, step: Step, tools: Sequence[BuildTool]
) -> Iterator[TextChange]:
    """Add a mount for each cache; nothing where another user or a variable may move one."""
    # Without `uid=`, a cache mount is root's: another user could not write to it.
    if step.user is not None and step.user.lower() not in _ROOT_USERS:
        return
    if any(name in step.variables for tool in tools for name in tool.directory_variables):
        return
    caches = [tool.list_caches(rule_input.base_image or "") for tool in tools]
    if None in caches:
        return
    for path in (path for paths in caches for path in paths or ()):
        mount = f"--mount=type=cache,target={path.replace('~', '/root')}"
        yield add_flag(step.instruction, mount)
