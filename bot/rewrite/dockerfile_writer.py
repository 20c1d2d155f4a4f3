"""The text of a rewrite: the old file as its build stage, byte for byte where nothing must change, and
the new last stage below it."""

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

# What says how an image runs, and so belongs to the last stage alone …
_RUNTIME_KEYWORDS = ("CMD", "ENTRYPOINT", "EXPOSE", "HEALTHCHECK", "LABEL", "STOPSIGNAL", "VOLUME")
# … and what both need.
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
# What does not care in which folder it is done.
_WORKDIR_INDEPENDENT = re.compile(
    r"(?:ENV|USER|COPY --from|ARG|RUN ldconfig|RUN ln -sf|\s)", re.IGNORECASE
)


def render_dockerfile(facts: BuildFacts, plan: RewritePlan) -> bytes:
    """The whole new Dockerfile."""
    dockerfile = facts.rule_input.dockerfile
    stage = facts.rule_input.final_stages[-1]
    name, last_name = choose_stage_names(facts)
    text = apply_changes(dockerfile.source, _convert_to_build_stage(facts, name)).rstrip(b"\r\n")
    text = _close_continuation(text, dockerfile.escape.encode())
    head = f"FROM {plan.base_image}" + (f" AS {last_name}" if last_name else "")
    if stage.platform:
        head = f"FROM --platform={stage.platform} {plan.base_image}" + head.removeprefix(
            f"FROM {plan.base_image}"
        )
    lines = ["", *plan.pruning_instructions, "", head, *_render_last_stage(facts, plan, name)]
    below = "\n".join(lines).replace("\n", dockerfile.source.newline) + dockerfile.source.newline
    return text + below.encode("utf-8", "surrogateescape")


def _close_continuation(text: bytes, escape: bytes) -> bytes:
    """A file that ends inside of a continuation, ended: what is put below would become part of it."""
    lines = text.split(b"\n")
    told = [n for n, x in enumerate(lines) if x.strip() and not x.lstrip().startswith(b"#")]
    mark = re.escape(escape)
    if told:
        ended = re.sub(rb"\s*(?<!%b)%b[ \t\r]*$" % (mark, mark), b"", lines[told[-1]])
        lines[told[-1]] = ended
    return b"\n".join(lines)


def choose_stage_names(facts: BuildFacts) -> tuple[str, str | None]:
    """What the build stage is called, and the last one, if somebody asks for it by name."""
    stage, target = facts.rule_input.final_stages[-1], facts.rule_input.plan.target
    taken = {(x.name or "").lower() for x in facts.rule_input.dockerfile.stages}
    free = next((x for x in _BUILD_STAGE_NAMES if x not in taken), "build-of-image")
    if stage.name and target and stage.name.lower() == target.lower():
        return free, stage.name
    return stage.name or free, None


def _convert_to_build_stage(facts: BuildFacts, stage_name: str) -> Iterator[TextChange]:
    """The old stage gets a name and loses what only a running image needs."""
    stage, source = facts.rule_input.final_stages[-1], facts.rule_input.dockerfile.source
    arguments = stage.from_instruction.argument_text
    if stage.name is None:
        yield TextChange(Span(arguments.span.end, arguments.span.end), f" AS {stage_name}")
    elif stage.name != stage_name:
        found = re.search(r"\s+[aA][sS]\s+(\S+)\s*$", arguments.text)
        if found:
            yield TextChange(arguments[found.start(1) : found.end(1)].span, stage_name)
    for statement in stage.instructions:
        if statement.keyword in _RUNTIME_KEYWORDS:
            end = statement.heredocs[-1].line_end if statement.heredocs else statement.line_end
            yield TextChange(source.span_of_lines(statement.line_start, end), "")


def _render_last_stage(facts: BuildFacts, plan: RewritePlan, stage_name: str) -> Iterator[str]:
    """The lines under the new `FROM`, in the order of the old file."""
    steps = [step for step in facts.rule_input.steps if step.instruction.keyword != "ONBUILD"]
    copies = list(render_copies(facts, plan.copy_plan.items, stage_name))
    place = _find_copy_line(steps)
    waiting: list[str] = []
    blocks: list[list[str]] = [[*plan.inherited_instructions], _render_preparation(facts, plan)]
    for step in steps:
        lines = list(_repeat_instruction(facts, plan, step))
        if (
            step.instruction.line_start < place
            and step.instruction.keyword in _KEYWORDS_AFTER_COPIES
        ):
            waiting += lines
        else:
            blocks.append(lines)
        if step.instruction.line_start == place:
            blocks += [copies, waiting]
            copies, waiting = [], []
    blocks += [copies, waiting]
    lines = [line for block in blocks for line in block]
    yield from _drop_unused_workdirs(list(_drop_unused_args(lines)))


def _render_preparation(facts: BuildFacts, plan: RewritePlan) -> list[str]:
    """Packages and users: they change seldom, so they come first."""
    installer = facts.built.os_release.package_manager
    commands = [build_group_command(name, gid, installer) for name, gid in plan.groups]
    commands += [x for account in plan.users for x in build_user_commands(account, installer)]
    if plan.folders:
        commands += [_build_folder_command(facts, folder) for folder in plan.folders]
    lines = [*_use_file_escape(facts, render_install(plan.package_install, installer))]
    return lines + ([render_run(facts, commands)] if commands else [])


def _use_file_escape(facts: BuildFacts, lines: Iterable[str]) -> Iterator[str]:
    """Lines of ours, continued as the file does it."""
    yield from (
        re.sub(r"\\$", lambda _: facts.rule_input.dockerfile.escape, line) for line in lines
    )


def _build_folder_command(facts: BuildFacts, folder: str) -> str:
    """The command that makes a folder with the owner and the mode that it had."""
    entry = facts.built.image.directories.get(folder)
    if entry is None:
        return f"mkdir -p /{folder}"
    return f"install -d -o {entry.uid} -g {entry.gid} -m {entry.mode & 0o7777:o} /{folder}"


def _find_copy_line(steps: Sequence[Step]) -> int:
    """The line of the last instruction that made files in the old file."""
    made = [
        x.instruction.line_start for x in steps if x.instruction.keyword in ("COPY", "ADD", "RUN")
    ]
    return made[-1] if made else 0


def _repeat_instruction(facts: BuildFacts, plan: RewritePlan, step: Step) -> Iterator[str]:
    """What an instruction of the old file is in the last stage."""
    statement = step.instruction
    if statement.keyword in (*_RUNTIME_KEYWORDS, *_SHARED_KEYWORDS):
        yield _read_instruction_text(facts, statement)
    elif statement.keyword == "RUN":
        commands = list_setup_commands(facts, step, plan.copy_plan.items)
        if commands:
            yield render_run(facts, commands)


def _read_instruction_text(facts: BuildFacts, instruction: Instruction) -> str:
    """An instruction as it stands in the file."""
    end = instruction.heredocs[-1].line_end if instruction.heredocs else instruction.line_end
    source = facts.rule_input.dockerfile.source
    span = source.span_of_lines(instruction.line_start, end)
    text = source.data[span.start : span.end].decode("utf-8", "surrogateescape")
    return text.replace("\r\n", "\n").rstrip("\n")


def _drop_unused_args(lines: Sequence[str]) -> Iterator[str]:
    """`ARG`s only where something below still refers to them."""
    for number, line in enumerate(lines):
        declared = re.match(r"\s*ARG\s+(\w+)", line, re.IGNORECASE)
        rest = "\n".join(lines[number + 1 :])
        if not declared or re.search(rf"\$\{{?{declared[1]}\b", rest):
            yield line


def _drop_unused_workdirs(lines: Sequence[str]) -> Iterator[str]:
    """Without a `WORKDIR` that the next one replaces before anything was done in it."""
    for number, line in enumerate(lines):
        behind = (x for x in lines[number + 1 :] if not _WORKDIR_INDEPENDENT.match(x))
        follower = next(behind, "")
        if not (_WORKDIR.match(line) and _ABSOLUTE_WORKDIR.match(follower)):
            yield line
