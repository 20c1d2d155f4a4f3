"""The end of the build stage: packages and files that would be copied and that nothing reads go.

Installed packages are removed right after the last `RUN`, if only the sources come below it: a
change of those then does not repeat it.
"""

import posixpath
import re
import shlex
from collections.abc import Iterator

from bot.dockerfile.instruction_lines import find_last_line
from bot.rewrite.build_facts import ROOT_NAMES, BuildFacts
from bot.rewrite.build_stage import is_moved
from bot.rewrite.file_selection import IN_DEPENDENCIES
from bot.rewrite.plan import RewritePlan
from bot.rewrite.project_residue import came_from_context

_REMOVAL_COMMENT = "# Nothing that runs reads these."
_REPEATED_COMMENT = "# The base image below has these, too."
_UNINSTALL = "RUN pip uninstall -y"
_USER_ROOT = "USER root"  # the last stage is not affected


def render_pruning(facts: BuildFacts, plan: RewritePlan) -> list[str]:
    """Return the lines that remove installed packages."""
    style, lines = facts.text_style, list(plan.pruning_instructions)
    names = plan.repeated_distributions
    # One `pip uninstall` for both: after the first, pip may be gone.
    if names and lines and lines[-1].startswith(_UNINSTALL):
        tools = [word for word in re.split(r"\s+", lines.pop()) if word != style.escape]
        lines.append(style.wrap_words([_UNINSTALL, *tools[_UNINSTALL.count(" ") + 1 :], *names]))
    elif names:
        if facts.build_user not in ROOT_NAMES and _USER_ROOT not in lines:
            lines.append(_USER_ROOT)
        lines += [_REPEATED_COMMENT, style.wrap_words([_UNINSTALL, *names])]
    return [style.format_line(line) for line in lines]


def render_removal(facts: BuildFacts, plan: RewritePlan) -> Iterator[str]:
    """Yield the lines that remove what is below folders that are copied."""
    format_line = facts.text_style.format_line
    removed = [_format_removed_path(facts, path) for path in plan.copy_plan.removed_paths]
    if removed:
        is_root = facts.build_user in ROOT_NAMES
        if not is_root and format_line(_USER_ROOT) not in render_pruning(facts, plan):
            yield format_line(_USER_ROOT)
        yield _REMOVAL_COMMENT
        yield format_line(facts.text_style.wrap_words(["RUN rm -rf", *removed]))


def find_early_line(facts: BuildFacts) -> int | None:
    """Return the line below which packages can be removed before the sources come; None if none.

    Below it there is neither a `RUN` that may call them, nor a dependency from the context, nor
    another working directory or user.
    """
    instructions = facts.rule_input.final_stages[-1].instructions
    places = [index for index, x in enumerate(instructions) if x.keyword == "RUN"]
    later = [x for x in instructions[places[-1] + 1 :] if not is_moved(facts, x)] if places else []
    deferred = facts.deferred_copy
    if places and deferred and deferred.last_run is instructions[places[-1]]:
        is_last = not deferred.joint and deferred.line not in facts.moved_copies
        later += [deferred.step.instruction] if is_last else []
    if not later or any(x.keyword not in ("COPY", "ADD", "ENV", "ARG") for x in later):
        return None
    own_files = facts.built.own_files
    dependencies = (x for x in own_files if IN_DEPENDENCIES.search(posixpath.dirname(x)))
    # `npm prune` works on all of node_modules: what a later COPY puts there must be there before.
    if any(came_from_context(facts, path) for path in dependencies):
        return None
    has_copy = any(x.keyword in ("COPY", "ADD") for x in later)
    return find_last_line(instructions[places[-1]]) if has_copy else None


def _format_removed_path(facts: BuildFacts, path: str) -> str:
    """Return an operand of `rm`, relative to the working directory if it is in it."""
    is_inside = bool(facts.workdir) and path.startswith(f"{facts.workdir}/")
    name = path[len(facts.workdir) + 1 :] if is_inside else f"/{path}"
    return shlex.quote(f"./{name}" if name.startswith("-") else name)
