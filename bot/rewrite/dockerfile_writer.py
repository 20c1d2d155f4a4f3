"""The text of a rewrite: the old file as its build stage, and the new last stage below it."""

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.advise.subject import Step
from bot.dockerfile.edits import apply_changes, insert_lines
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.build_stage import (
    choose_stage_names,
    convert_to_build_stage,
    is_moved,
    read_instruction_text,
    render_replacement,
)
from bot.rewrite.build_stage_end import find_early_line, render_pruning, render_removal
from bot.rewrite.build_variables import render_variables
from bot.rewrite.cache_mounts import render_cache_mounts
from bot.rewrite.copy_instructions import render_copies, render_run
from bot.rewrite.folder_modes import DEFAULT_MODE
from bot.rewrite.package_install import render_install
from bot.rewrite.plan import RewritePlan
from bot.rewrite.setup_commands import list_setup_commands
from bot.rewrite.user_commands import build_group_command, build_user_commands

# Both stages need these.
_SHARED_KEYWORDS = ("WORKDIR", "USER", "SHELL", "ARG")
# A USER above the copies would run `ldconfig` and `chown` without root's rights. The others come
# last in most files: readers look for them there.
_KEYWORDS_AFTER_COPIES = (
    "VOLUME",
    "EXPOSE",
    "HEALTHCHECK",
    "STOPSIGNAL",
    "CMD",
    "ENTRYPOINT",
    "USER",
)
_LAST_STAGE_COMMENT = "# What runs: the tools and caches of the build stay in the stage above."
# One instruction may declare several, each with a default: `ARG NAME VERSION="1 2"`.
_ARG = re.compile(r"(?:\s*#.*\n)*\s*ARG\s+(.+)", re.IGNORECASE | re.DOTALL)
_ARG_NAME = re.compile(r"(?:^|\s)(\w+)")
# debconf reads it from the environment, which has all build arguments: no line refers to it.
_DEBCONF_ARG = re.compile(r"\s*ARG\s+DEBIAN_FRONTEND=", re.IGNORECASE)
_WORKDIR = re.compile(r"WORKDIR\s+\S", re.IGNORECASE)
_ABSOLUTE_WORKDIR = re.compile(r"WORKDIR\s+[\"']?/", re.IGNORECASE)
# Instructions that do the same in any working directory.
_WORKDIR_INDEPENDENT = re.compile(
    r"(?:ENV|USER|COPY --from.*\s\"?/\S*$|ARG|RUN ldconfig|RUN ln -sf|#|\s|$)",
    re.IGNORECASE | re.DOTALL,
)


def render_dockerfile(facts: BuildFacts, plan: RewritePlan) -> bytes:
    """Return the whole new Dockerfile."""
    facts = _add_moves(facts, plan)
    dockerfile = facts.rule_input.dockerfile
    name, _ = choose_stage_names(facts)
    pruning = render_pruning(facts, plan)
    early_line = find_early_line(facts) if pruning else None
    changes = [
        *convert_to_build_stage(facts, name),
        *render_cache_mounts(facts, plan.cache_mounts),
        *plan.build_changes,
    ]
    if early_line:
        changes.append(insert_lines(dockerfile.source, early_line + 1, "\n".join(pruning)))
    if plan.deferred_copy:
        is_moved_on = plan.deferred_copy.line in plan.moved_copies
        changes += plan.deferred_copy.render(dockerfile, is_needed_below=not is_moved_on)
    text = apply_changes(dockerfile.source, changes).rstrip(b"\r\n")
    text = _close_continuation(text, dockerfile.escape.encode())
    build_end = [*([] if early_line else pruning), *render_removal(facts, plan)]
    below = "\n".join(["", *build_end, "", render_last_stage(facts, plan)])
    below = below.replace("\n", dockerfile.source.newline)
    return text + below.encode("utf-8", "surrogateescape")


def render_last_stage(facts: BuildFacts, plan: RewritePlan) -> str:
    """Return the text of the last stage below its comment, and of a stage above that."""
    facts = _add_moves(facts, plan)
    platform = facts.rule_input.final_stages[-1].platform
    name, last_name = choose_stage_names(facts)
    flag = f"--platform={platform} " if platform else ""
    head = f"FROM {flag}{plan.base_image}" + (f" AS {last_name}" if last_name else "")
    first = facts.text_style.format_line(head)
    above = [plan.stage_above] if plan.stage_above else []
    lines = [*above, _LAST_STAGE_COMMENT, first, *_render_below_from(facts, plan, name)]
    return "\n".join([*lines, ""])


def _add_moves(facts: BuildFacts, plan: RewritePlan) -> BuildFacts:
    # Which instruction is the last that builds something depends on the copies that move.
    return replace(facts, moved_copies=plan.moved_copies, deferred_copy=plan.deferred_copy)


def _close_continuation(text: bytes, escape: bytes) -> bytes:
    """End a continuation at the end of a file, which would swallow the lines below it."""
    lines = text.split(b"\n")
    continuation = re.compile(rb"\s*(?<!%b)%b[ \t\r]*$" % ((re.escape(escape),) * 2))
    for number in reversed(range(len(lines))):
        # Comments and empty lines within an instruction do not end its continuation.
        if lines[number].strip() and not lines[number].lstrip().startswith(b"#"):
            lines[number] = continuation.sub(b"", lines[number])
            break
    return b"\n".join(lines)


def _render_below_from(facts: BuildFacts, plan: RewritePlan, stage_name: str) -> Iterator[str]:
    """Yield the lines below the new `FROM`, in the order of the old file."""
    format_line = facts.text_style.format_line
    copy_line, workdir = _find_copy_place(facts)
    items = plan.copy_plan.items
    copies = [format_line(x) for x in render_copies(facts, items, stage_name, workdir)]
    below_copies: list[str] = []
    prepared = [*plan.inherited_instructions, *_render_preparation(facts, plan)]
    blocks: list[list[str]] = []
    for step in facts.rule_input.steps:
        lines = list(_repeat_instruction(facts, plan, step))
        is_above = step.instruction.line_start < copy_line
        if is_above and step.instruction.keyword in _KEYWORDS_AFTER_COPIES:
            below_copies += lines
        elif is_above and facts.deferred_copy and step == facts.deferred_copy.step:
            copies += lines
        else:
            blocks.append(lines)
        if step.instruction.line_start == copy_line:
            blocks += [copies, below_copies]
            copies, below_copies = [], []
    blocks += [copies, below_copies]
    repeated = _drop_unused_args([line for block in blocks for line in block])
    yield from _drop_unused_workdirs([*map(format_line, prepared), *repeated])


def _render_preparation(facts: BuildFacts, plan: RewritePlan) -> Iterator[str]:
    """Yield the lines for packages and users, which change seldom and come first."""
    installer = facts.built.os_release.package_manager
    commands = [build_group_command(name, gid, installer) for name, gid in plan.groups]
    commands += [x for user in plan.users for x in build_user_commands(user, installer)]
    commands += [_build_folder_command(facts, folder) for folder in plan.folders]
    # Packages first, as in most files: their scripts give the next free numbers to users of their
    # own, and would find those of the Dockerfile's users taken.
    install = render_install(plan.package_install, installer)
    if install:
        texts = [read_instruction_text(facts, step.instruction) for step in facts.rule_input.steps]
        yield from [text for text in texts if _DEBCONF_ARG.match(text)][:1]
        yield render_run(facts, install)
    if commands:
        yield render_run(facts, commands)
    yield from plan.system_instructions


def _build_folder_command(facts: BuildFacts, folder: str) -> str:
    """Return the command that creates a folder with its owner and mode."""
    entry, path = facts.built.image.directories.get(folder), shlex.quote(f"/{folder}")
    if entry is None or (entry.uid, entry.gid, entry.mode & 0o7777) == (0, 0, DEFAULT_MODE):
        return f"mkdir -p {path}"
    return f"install -d -o {entry.uid} -g {entry.gid} -m {entry.mode & 0o7777:o} {path}"


def _find_copy_place(facts: BuildFacts) -> tuple[int, str]:
    """Return the line of the last instruction that created files, and its working directory.

    The directory has no leading slash; it is empty for the root, and where it is unknown.
    """
    step = facts.last_build_step
    return (step.instruction.line_start, (step.workdir or "").strip("/")) if step else (0, "")


def _repeat_instruction(facts: BuildFacts, plan: RewritePlan, step: Step) -> Iterator[str]:
    """Yield what the last stage keeps of an instruction."""
    instruction = step.instruction
    if instruction.keyword == "ENV":
        yield from render_variables(facts, instruction, plan.build_variables)
    elif instruction.keyword in plan.dropped_keywords:
        return
    elif (line := plan.replaced_instructions.get(instruction.line_start)) is not None:
        yield from render_replacement(facts, instruction, (line,))
    elif (lines := facts.moved_copies.get(instruction.line_start)) is not None:
        yield from render_replacement(facts, instruction, lines)
    elif is_moved(facts, instruction) or instruction.keyword in _SHARED_KEYWORDS:
        yield read_instruction_text(facts, instruction)
    elif instruction.keyword == "RUN":
        commands = list_setup_commands(facts, step, plan.copy_plan.items, plan.folders)
        if commands:
            yield facts.text_style.format_line(render_run(facts, commands))


def _drop_unused_args(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines without each `ARG` that no line below uses."""
    for number, line in enumerate(lines):
        declaration = _ARG.match(line)
        rest = "\n".join(lines[number + 1 :])
        names = _ARG_NAME.findall(declaration[1]) if declaration else []
        if not declaration or any(re.search(rf"\$\{{?{name}\b", rest) for name in names):
            yield line


def _drop_unused_workdirs(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines without each `WORKDIR` that the next one replaces unused."""
    for number, line in enumerate(lines):
        later_lines = (x for x in lines[number + 1 :] if not _WORKDIR_INDEPENDENT.match(x))
        next_line = next(later_lines, "")
        if not (_WORKDIR.match(line) and _ABSOLUTE_WORKDIR.match(next_line)):
            yield line
