"""All changes of the rules that a change is judged by, whichever step finds them."""

from collections.abc import Sequence

from bot.line.contexts import ContextFinder
from bot.line.gate_changes import list_gate_changes
from bot.line.not_reviewed import list_broken_files
from bot.line.ports import Git
from bot.line.review_request import ReviewRequest
from bot.line.unreviewed_builds import list_unreviewed_builds
from bot.model.report import GateChange
from bot.project.image_plan import PlannedImage


def list_rule_changes(
    git: Git, request: ReviewRequest, planned: Sequence[PlannedImage], contexts: ContextFinder
) -> tuple[GateChange, ...]:
    """Return the changes of the rules, those of broken files first."""
    return (
        *list_broken_files(git, request, contexts.build_files),
        *list_unreviewed_builds(git, request, planned, contexts.build_files),
        *list_gate_changes(git, request, planned, contexts),
    )
