"""Inputs of rules, made of short Dockerfiles."""

from collections.abc import Mapping
from typing import Any

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.advise.finding import Finding
from bot.advise.rules import RULES
from bot.advise.run_rules import run_rules
from bot.advise.subject import RuleInput
from bot.dockerfile.build_context import BuildContext
from bot.dockerfile.build_plan import BuildPlan
from bot.dockerfile.edits import apply_changes
from bot.model.image import Image
from bot.project.yaml_reader import read_yaml
from tests.support.image_world import image


def make_rule_input(
    text: str, layers: str = "", tree: str = "", context: BuildContext | None = None
) -> RuleInput:
    """Parse a Dockerfile, with its image if one is described.

    `layers` describes the layers of the image and `tree` its files; see image_world.
    """
    built_image: Image | None = image(layers, tree=tree) if layers else None
    return RuleInput(
        BuildPlan(DockerfileReader().parse(text.encode())),
        image=built_image,
        context=context,
    )


def make_repository(files: Mapping[str, str], **fields: Any) -> BuildContext:
    """Return a context in a repository with these texts; `fields` are further fields of it."""
    return BuildContext(
        read_repository_text=lambda path: files.get(path, ""),
        read_repository_yaml=lambda path: read_yaml(files.get(path, "")),
        **fields,
    )


def run_rule(rule: str, dockerfile: RuleInput | str) -> list[Finding]:
    """Return the findings of one rule that `run_rules` keeps."""
    rule_input = make_rule_input(dockerfile) if isinstance(dockerfile, str) else dockerfile
    return list(run_rules(rule_input, {rule: RULES[rule]}).findings)


def apply_rule(rule: str, dockerfile: RuleInput | str) -> str:
    """Return the file with all changes of one rule applied."""
    rule_input = make_rule_input(dockerfile) if isinstance(dockerfile, str) else dockerfile
    changes = [change for finding in run_rule(rule, rule_input) for change in finding.changes]
    return apply_changes(rule_input.dockerfile.source, changes).decode()
