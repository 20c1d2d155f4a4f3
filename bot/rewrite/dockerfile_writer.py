"""The text of a rewrite: the old file as its build stage, and the new last stage below it.

The build stage stays as it is, byte for byte, but for its name and the settings of a running image.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from bot.advise.subject import Step
from bot.dockerfile.edits import TextChange, apply_changes
from bot.dockerfile.instruction import Instruction
from bot.dockerfile.source_text import Span
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.copy_instructions import render_copies, render_run
from bot.rewrite.package_install import render_install
from bot.rewrite.plan import RewritePlan
from bot.rewrite.setup_commands import list_setup_commands
from bot.rewrite.user_commands import build_group_command, build_user_commands

# Instructions that say how an image runs belong to the last stage alone.
_RUNTIME_KEYWORDS = ("CMD", "ENTRYPOINT", "EXPOSE", "HEALTHCHECK", "LABEL", "STOPSIGNAL", "VOLUME")
# Both stages need these.
_SHARED_KEYWORDS = ("ENV", "WORKDIR", "USER", "SHELL", "ARG", "MAINTAINER")
_KEYWORDS_AFTER_COPIES = (
    "VOLUME",
    "EXPOSE",
    "HEALTHCHECK",
    "STOPSIGNAL",
    "CMD",
    "ENTRYPOINT",
    "USER",
)
_BUILD_STAGE_NAMES = ("build", "builder", "build-stage")
_WORKDIR = re.compile(r"WORKDIR\s+\S", re.IGNORECASE)
_ABSOLUTE_WORKDIR = re.compile(r"WORKDIR\s+[\"']?/", re.IGNORECASE)
# Instructions that do the same in any working directory.
_WORKDIR_INDEPENDENT = re.compile(
    r"(?:ENV|USER|COPY --from|ARG|RUN ldconfig|RUN ln -sf|\s)", re.IGNORECASE
)


def render_dockerfile(facts: BuildFacts, plan: RewritePlan) -> bytes:
    """Return the whole new Dockerfile."""
    dockerfile = facts.rule_input.dockerfile
    stage = facts.rule_input.final_stages[-1]
    name, last_name = choose_stage_names(facts)
    text = apply_changes(dockerfile.source, _convert_to_build_stage(facts, name)).rstrip(b"\r\n")
    text = _close_continuation(text, dockerfile.escape.encode())
    platform = f"--platform={stage.platform} " if stage.platform else ""
    head = f"FROM {platform}{plan.base_image}" + (f" AS {last_name}" if last_name else "")
    lines = ["", *plan.pruning_instructions, "", head, *_render_last_stage(facts, plan, name)]
    below = "\n".join(lines).replace("\n", dockerfile.source.newline) + dockerfile.source.newline
    return text + below.encode("utf-8", "surrogateescape")


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


def choose_stage_names(facts: BuildFacts) -> tuple[str, str | None]:
    """Return the names of the build stage and, if a target asks for one, of the last stage."""
    stage, target = facts.rule_input.final_stages[-1], facts.rule_input.plan.target
    taken_names = {(x.name or "").lower() for x in facts.rule_input.dockerfile.stages}
    free_name = next((x for x in _BUILD_STAGE_NAMES if x not in taken_names), "build-of-image")
    if stage.name and target and stage.name.lower() == target.lower():
        return free_name, stage.name
    return stage.name or free_name, None


def _convert_to_build_stage(facts: BuildFacts, stage_name: str) -> Iterator[TextChange]:
    """Yield the changes that name the old stage and remove settings of a running image."""
    stage, source = facts.rule_input.final_stages[-1], facts.rule_input.dockerfile.source
    arguments = stage.from_instruction.argument_text
    if stage.name is None:
        yield TextChange(Span(arguments.span.end, arguments.span.end), f" AS {stage_name}")
    elif stage.name != stage_name:
        name_match = re.search(r"\s+[aA][sS]\s+(\S+)\s*$", arguments.text)
        if name_match:
            yield TextChange(arguments[name_match.start(1) : name_match.end(1)].span, stage_name)
    for instruction in stage.instructions:
        if instruction.keyword in _RUNTIME_KEYWORDS:
            end = (
                instruction.heredocs[-1].line_end if instruction.heredocs else instruction.line_end
            )
            yield TextChange(source.span_of_lines(instruction.line_start, end), "")


def _render_last_stage(facts: BuildFacts, plan: RewritePlan, stage_name: str) -> Iterator[str]:
    """Yield the lines below the new `FROM`, in the order of the old file."""
    steps = [step for step in facts.rule_input.steps if step.instruction.keyword != "ONBUILD"]
    copies = list(render_copies(facts, plan.copy_plan.items, stage_name))
    copy_line = _find_copy_line(steps)
    deferred: list[str] = []
    blocks: list[list[str]] = [[*plan.inherited_instructions], _render_preparation(facts, plan)]
    for step in steps:
        lines = list(_repeat_instruction(facts, plan, step))
        if (
            step.instruction.line_start < copy_line
            and step.instruction.keyword in _KEYWORDS_AFTER_COPIES
        ):
            deferred += lines
        else:
            blocks.append(lines)
        if step.instruction.line_start == copy_line:
            blocks += [copies, deferred]
            copies, deferred = [], []
    blocks += [copies, deferred]
    lines = [line for block in blocks for line in block]
    yield from _drop_unused_workdirs(list(_drop_unused_args(lines)))


def _render_preparation(facts: BuildFacts, plan: RewritePlan) -> list[str]:
    """Return the lines for packages and users, which change seldom and come first."""
    installer = facts.built.os_release.package_manager
    commands = [build_group_command(name, gid, installer) for name, gid in plan.groups]
    commands += [x for user in plan.users for x in build_user_commands(user, installer)]
    if plan.folders:
        commands += [_build_folder_command(facts, folder) for folder in plan.folders]
    lines = [*_use_file_escape(facts, render_install(plan.package_install, installer))]
    return lines + ([render_run(facts, commands)] if commands else [])


def _use_file_escape(facts: BuildFacts, lines: Iterable[str]) -> Iterator[str]:
    """Yield generated lines with the file's own continuation character."""
    yield from (
        re.sub(r"\\$", lambda _: facts.rule_input.dockerfile.escape, line) for line in lines
    )


def _build_folder_command(facts: BuildFacts, folder: str) -> str:
    """Return the command that creates a folder with its owner and mode."""
    entry = facts.built.image.directories.get(folder)
    if entry is None:
        return f"mkdir -p /{folder}"
    return f"install -d -o {entry.uid} -g {entry.gid} -m {entry.mode & 0o7777:o} /{folder}"


def _find_copy_line(steps: Sequence[Step]) -> int:
    """Return the line of the last instruction that created files in the old file."""
    for step in reversed(steps):
        if step.instruction.keyword in ("COPY", "ADD", "RUN"):
            return step.instruction.line_start
    return 0


def _repeat_instruction(facts: BuildFacts, plan: RewritePlan, step: Step) -> Iterator[str]:
    """Yield what the last stage keeps of an instruction."""
    instruction = step.instruction
    if instruction.keyword in (*_RUNTIME_KEYWORDS, *_SHARED_KEYWORDS):
        yield _read_instruction_text(facts, instruction)
    elif instruction.keyword == "RUN":
        commands = list_setup_commands(facts, step, plan.copy_plan.items)
        if commands:
            yield render_run(facts, commands)


def _read_instruction_text(facts: BuildFacts, instruction: Instruction) -> str:
    """Return the text of an instruction as it is in the file, heredocs included."""
    end = instruction.heredocs[-1].line_end if instruction.heredocs else instruction.line_end
    source = facts.rule_input.dockerfile.source
    span = source.span_of_lines(instruction.line_start, end)
    text = source.data[span.start : span.end].decode("utf-8", "surrogateescape")
    return text.replace("\r\n", "\n").rstrip("\n")


def _drop_unused_args(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines without each `ARG` that no line below refers to."""
    for number, line in enumerate(lines):
        declaration = re.match(r"\s*ARG\s+(\w+)", line, re.IGNORECASE)
        rest = "\n".join(lines[number + 1 :])
        if not declaration or re.search(rf"\$\{{?{declaration[1]}\b", rest):
            yield line


def _drop_unused_workdirs(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines without each `WORKDIR` that the next one replaces unused."""
    for number, line in enumerate(lines):
        later_lines = (x for x in lines[number + 1 :] if not _WORKDIR_INDEPENDENT.match(x))
        next_line = next(later_lines, "")
        if not (_WORKDIR.match(line) and _ABSOLUTE_WORKDIR.match(next_line)):
            yield line
