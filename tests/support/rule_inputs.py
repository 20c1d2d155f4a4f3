"""Dockerfiles for rules to look at, as short as they can be written."""

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.advise.finding import Finding
from bot.advise.rules import RULES
from bot.advise.run_rules import run_rules
from bot.advise.subject import RuleInput
from bot.dockerfile.build_context import BuildContext
from bot.dockerfile.build_plan import BuildPlan
from bot.dockerfile.edits import apply_changes
from bot.model.image import Image
from tests.support.image_world import image


def subject(
    text: str, world: str = "", tree: str = "", context: BuildContext | None = None
) -> RuleInput:
    """A Dockerfile, and its image in the language of worlds: a piece a line, `FROM` the first."""
    built: Image | None = image(world, tree=tree) if world else None
    return RuleInput(
        BuildPlan(DockerfileReader().parse_dockerfile(text.encode())), image=built, context=context
    )


def found(rule: str, looked_at: RuleInput | str) -> list[Finding]:
    """What one rule says, and the engine lets pass."""
    asked = subject(looked_at) if isinstance(looked_at, str) else looked_at
    return [each.finding for each in run_rules(asked, {rule: RULES[rule]}).findings]


def after(rule: str, looked_at: RuleInput | str) -> str:
    """The file with all that one rule changes."""
    asked = subject(looked_at) if isinstance(looked_at, str) else looked_at
    changes = [change for finding in found(rule, asked) for change in finding.changes]
    return apply_changes(asked.dockerfile.source, changes).decode()
