"""Installs after `COPY . .`, which each change of a source file repeats."""

from collections.abc import Iterator

from bot.advise.build_stage_worth import is_building_call
from bot.advise.copy_targets import copies_whole_context, iter_context_copies
from bot.advise.deferred_copy import find_deferred_copy
from bot.advise.finding import Finding, FixSafety
from bot.advise.image_purpose import find_work_reason
from bot.advise.install_tools import INSTALL_TOOLS, SCANNING_OPTIONS
from bot.advise.project_files import needs_sources_to_install
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.edits import TextChange
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_programs import INSTALL_SUBCOMMANDS
from bot.model.sizes import join_names

# Of these, the context shows if an install needs the sources.
_TOOLS = ("npm", "yarn", "pnpm", "bundle", "composer")
_REQUIREMENT_OPTIONS = ("-r", "--requirement")
# A package from the sources themselves, which have to be there first.
_LOCAL_SIGNS = ("./", "../", ".deb", ".rpm", ".apk", "file:", "-e", "--editable")
# What may stand beside an install without reading the sources.
_HARMLESS_PROGRAMS = frozenset(
    {
        "apt",
        "apt-get",
        "apt-cache",
        "apk",
        "dnf",
        "yum",
        "microdnf",
        "zypper",
        "aptitude",
        "rm",
        "mkdir",
        "echo",
        "set",
        "true",
        "export",
        "clean",
        "ln",
        "useradd",
        "groupadd",
        "adduser",
        "addgroup",
        "pip",
        "npm",
        "yarn",
        "pnpm",
        "bundle",
        "gem",
        "composer",
    }
)


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report the first `RUN` that installs without need of the whole context copied before it."""
    if find_work_reason(rule_input, may_start_nothing=True):
        return
    copy = next((x for x in iter_context_copies(rule_input.steps) if copies_whole_context(x)), None)
    if copy is None:
        return
    for step in rule_input.steps_after(copy):
        # Layers of another stage are not invalidated by this COPY.
        installs = _list_early_installs(rule_input, step) if step.stage is copy.stage else ()
        calls = list(installs)
        if calls:
            yield _build_finding(rule_input, copy, step, calls)
            return


def _build_finding(rule_input: RuleInput, copy: Step, step: Step, calls: list[Call]) -> Finding:
    line = copy.instruction.line_start
    files = _name_files(calls)
    fix = f"Copy {files} first, and the rest after it." if files else "Move it up."
    changes = tuple(_list_changes(rule_input, copy, step))
    return Finding(
        step.instruction,
        "Install before the sources are copied",
        f"Line {line} changes with each commit, and this line runs again after it, although it "
        f"needs none of the sources: {_describe_bytes(rule_input, step)}. {fix}",
        changes=changes,
        safety=FixSafety.NEEDS_CHECK if changes else FixSafety.MANUAL,
        must_shrink=False,
    )


def _name_files(calls: list[Call]) -> str:
    """Return the names of the files that installs read; empty if they read none."""
    return join_names(list(dict.fromkeys(name for call in calls for name in _list_files(call))))


def _list_files(call: Call) -> Iterator[str]:
    if call.name == "pip":
        yield "the requirements file"
    elif call.name in _TOOLS:
        tool = INSTALL_TOOLS[call.name]
        yield from (tool.manifest, tool.others[0])


def _list_changes(rule_input: RuleInput, copy: Step, step: Step) -> Iterator[TextChange]:
    """Yield the changes that move the copy, if the context shows what the installs read."""
    deferred = find_deferred_copy(rule_input)
    if deferred and deferred.step == copy and step in deferred.runs:
        yield deferred.build_removal(rule_input.dockerfile)
        yield from deferred.render(rule_input.dockerfile)


def _describe_bytes(rule_input: RuleInput, step: Step) -> str:
    layer = rule_input.evidence.find_layer(step.instruction) if rule_input.evidence else None
    if layer is None:
        return "every machine builds and pulls it again"
    return f"every machine pulls its {layer.unpacked_bytes / 1e6:,.0f} MB again"


def _list_early_installs(rule_input: RuleInput, step: Step) -> Iterator[Call]:
    """Yield the installs of a `RUN` in which nothing needs the sources."""
    if any(call.name not in _HARMLESS_PROGRAMS or is_building_call(call) for call in step.calls):
        return
    for call in step.calls:
        if _installs_packages(call) or (
            _installs_dependencies(call) and not needs_sources_to_install(rule_input, call)
        ):
            yield call


def _is_local(call: Call) -> bool:
    return any(sign in word.text for sign in _LOCAL_SIGNS for word in call.arguments)


def _installs_packages(call: Call) -> bool:
    """Return True for packages of the distribution, by their names."""
    verbs = INSTALL_SUBCOMMANDS.get(call.name, ())
    return call.subcommand in verbs and len(call.operands) > 1 and not _is_local(call)


def _installs_dependencies(call: Call) -> bool:
    if call.name == "pip":
        return call.subcommand == "install" and call.has_option(*_REQUIREMENT_OPTIONS)
    if call.name == "composer" and call.has_option(*SCANNING_OPTIONS):
        return False
    is_covered = call.name in _TOOLS and call.subcommand in INSTALL_TOOLS[call.name].installs
    return is_covered and len(call.operands) < 2
