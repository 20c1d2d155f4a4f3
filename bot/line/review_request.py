"""A request for a review or an audit, and the images that it is about.

Its own module, so that the callers, which resolve the commits and read the configuration for its
secrets, hand over both, and the review reads neither again.
"""

from dataclasses import dataclass

from bot.errors import InputError
from bot.line.declared_images import declare_images
from bot.line.ports import Git
from bot.project.config_file import ProjectConfig
from bot.project.image_plan import DeclaredImages, PlannedImage, pair_images, select_images
from bot.project.overrides import Overrides
from bot.pull_request.event import Commit


@dataclass(frozen=True, slots=True)
class ReviewedRevision:
    """A commit, the name that people know it by, and the configuration that it has."""

    commit: Commit
    name: str
    config: ProjectConfig


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """The revisions to compare, and what the caller overrides in their configuration."""

    head: ReviewedRevision
    base: ReviewedRevision | None = None
    overrides: Overrides = Overrides()
    skip_growth_reason: str = ""
    reproduce_command: str = ""
    notes: tuple[str, ...] = ()


def plan_images(git: Git, request: ReviewRequest) -> tuple[PlannedImage, ...]:
    """Pair the images of both revisions; InputError if neither has one that is selected by name."""
    base = _declare(git, request.base, request.overrides) if request.base else None
    planned = pair_images(base, _declare(git, request.head, request.overrides))
    selected = request.overrides.images
    specs = [image.spec for image in planned]
    unknown = [name for name in selected if not select_images(specs, [name])]
    if unknown:
        existing = ", ".join(repr(spec.name) for spec in specs) or "none"
        what = f"No image is called {', '.join(repr(name) for name in unknown)}."
        raise InputError(what, f"the images of these revisions are: {existing}", "check the name")
    return tuple(image for image in planned if select_images([image.spec], selected))


def _declare(git: Git, revision: ReviewedRevision, overrides: Overrides) -> DeclaredImages:
    return declare_images(git, revision.commit.sha, revision.config, overrides)
