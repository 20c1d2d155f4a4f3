"""`CMD` in shell form, as the list of words that starts the same program without a shell."""

import json
import re
from dataclasses import dataclass, replace

from bot.advise.start_command import find_inline_script
from bot.dockerfile.shell_programs import POSIX_SHELLS
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.plan import RewritePlan

# Without variables, quotes, patterns, redirections and further commands, a shell only splits the
# text at blanks. `FOO=1 ./app` sets a variable.
_PLAIN_COMMAND = re.compile(r"\s*(?:exec\s+)?([\w./+-]+(?:[ \t]+[\w./:=,@%+-]+)*)\s*")
_REASON = "the same program is started without a shell"


@dataclass(frozen=True, slots=True)
class DirectStart:
    """The words of a command, and the line of the `CMD` in shell form."""

    arguments: tuple[str, ...]
    line: int

    def replace_command(self, plan: RewritePlan) -> RewritePlan:
        """Return the plan with the words in place of that `CMD`."""
        instruction = f"CMD {json.dumps(self.arguments, ensure_ascii=False)}"
        return replace(
            plan,
            replaced_instructions={self.line: instruction},
            accepted_changes={**plan.accepted_changes, "CMD": _REASON},
        )


def find_direct_command(facts: BuildFacts) -> tuple[str, ...]:
    """Return the command line of the image, without a shell that it does not need."""
    start = find_direct_start(facts)
    return start.arguments if start else facts.built.config.command_line


def find_direct_start(facts: BuildFacts) -> DirectStart | None:
    """Return the start without a shell; None if the command has none, or needs one.

    An `ENTRYPOINT` in shell form ignores the arguments of `docker run`, and a list of words would
    not.
    """
    config = facts.built.config
    shell = config.command[0].rpartition("/")[2] if config.command else ""
    if config.entrypoint or shell not in POSIX_SHELLS:
        return None
    match = _PLAIN_COMMAND.fullmatch(find_inline_script(config.command) or "")
    steps = [step for step in facts.rule_input.steps if step.instruction.keyword == "CMD"]
    if match is None or not steps:
        return None
    return DirectStart(tuple(match[1].split()), steps[-1].instruction.line_start)
