"""A request for a review or an audit, and the images that it is about.

Its own module, so that the callers, which resolve the commits and read the configuration for its
secrets, hand over both, and the review reads neither again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.errors import InputError
from bot.image.archives.platforms import detect_host_platform
from bot.line.bake_files import BuildFileReader
from bot.line.chained_images import ChainFinder
from bot.line.contexts import ContextFinder
from bot.line.declared_images import (
    RevisionConfigs,
    declare_base_images,
    declare_dropped_images,
    declare_images,
    declare_origins,
)
from bot.line.moved_images import RenameFinder
from bot.line.ports import Git
from bot.line.revision_chains import DeclaredRevision, take_needs
from bot.line.unreviewed_images import list_unreviewed_images
from bot.model.report import Revision
from bot.model.spec import Budget, BuildNeeds, ImageSpec
from bot.project.config_file import ProjectConfig
from bot.project.dropped_images import list_base_declarations
from bot.project.history_place import HistoryPlace, choose_history
from bot.project.image_entries import complete_needs
from bot.project.image_pairing import PairingHints, name_removed_images, pair_images
from bot.project.image_plan import DeclaredImages, PlannedImage, has_build_files
from bot.project.image_selector import ImageSelector
from bot.project.image_titles import add_titles
from bot.project.overrides import Overrides
from bot.project.trusted_needs import find_needs_source, set_needs
from bot.project.unknown_images import make_unknown_image_error
from bot.pull_request.event import Commit


@dataclass(frozen=True, slots=True)
class ReviewedRevision:
    """A commit, and the name that people know it by."""

    commit: Commit
    name: str

    def to_report(self) -> Revision:
        """Return what the report says of it."""
        return Revision(self.name, self.commit.sha)


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """The revisions to compare, their configuration, and what the caller overrides in it.

    `repository_name` is what people call an image of the repository's own Dockerfile. A change that
    `is_accepted` is on the default branch already: its own rules are the base's now. An audit says
    of which `repository` (its full name) it was `made_at` what time.
    """

    head: ReviewedRevision
    configs: RevisionConfigs
    base: ReviewedRevision | None = None
    overrides: Overrides = Overrides()
    skip_growth_reason: str = ""
    reproduce_command: str = ""
    limit_options: tuple[str, ...] = ()
    config_path: str = ""
    notes: tuple[str, ...] = ()
    is_accepted: bool = False
    repository_name: str = ""
    repository: str = ""
    made_at: str = ""

    @property
    def has_base_rules(self) -> bool:
        """True if the change is judged by what base says, too."""
        return self.base is not None and not self.is_accepted

    @property
    def history(self) -> HistoryPlace | None:
        """The place of the records; the change cannot set it."""
        return choose_history(self.overrides.history, self.trusted_config.history)

    @property
    def history_commit(self) -> Commit:
        """The newest commit of which a record counts: base, or head without one.

        Nobody but a push to the default branch writes records, so that none is of an open change.
        """
        return (self.base or self.head).commit

    @property
    def trusted_config(self) -> ProjectConfig:
        """The configuration that the change cannot set: base's, or the defaults without a file."""
        if not self.has_base_rules:
            return self.configs.head
        return self.configs.base or ProjectConfig()


def plan_images(
    git: Git, request: ReviewRequest, contexts: ContextFinder, chains: ChainFinder
) -> tuple[PlannedImage, ...]:
    """Pair the images of both revisions; InputError if neither has one that is selected by name.

    Images that only base's rules review are among them, as long as their Dockerfile is there.
    """
    planned, base, head = _pair_images(git, request, contexts)
    planned = tuple(_set_trusted_needs(request, image) for image in planned)
    own, trusted = request.overrides.needs, request.trusted_config
    common = complete_needs(own, trusted.defaults.spec.needs)

    def find_needs(spec: ImageSpec) -> BuildNeeds:
        return complete_needs(own, find_needs_source(trusted, spec).needs)

    # Before the chains are made: what an image is built on is built with secrets as well.
    head = take_needs(head, [image.head for image in planned], common, find_needs)
    if base:
        base = take_needs(base, [image.base for image in planned], common, find_needs)
    dropped = _declare_for_dropped(planned, head, base)
    # All of them, for an image has one title, whichever others are asked for.
    titled = add_titles(planned, request.repository_name)
    selected = _select_images(git, request, titled, contexts.build_files)
    return chains.add_chains(selected, base, head, dropped)


def _declare_for_dropped(
    planned: Sequence[PlannedImage], head: DeclaredRevision, base: DeclaredRevision | None
) -> DeclaredRevision | None:
    """Return head with base's declarations, which images that head drops are built on.

    None if it drops none. Those that are not selected count as well.
    """
    if base is None or not any(image.is_dropped for image in planned):
        return None
    tree = head.images.tree
    specs = list_base_declarations(planned, tree)
    excluded = tuple(spec for spec in base.images.excluded if has_build_files(spec, tree))
    return replace(head, images=DeclaredImages(specs, {}, tree, excluded=excluded))


def _select_images(
    git: Git, request: ReviewRequest, planned: Sequence[PlannedImage], files: BuildFileReader
) -> tuple[PlannedImage, ...]:
    """Return the images that are asked for."""
    names = request.overrides.images
    if not names:
        return tuple(planned)
    specs = [spec for image in planned for spec in _list_sides(image)]
    # By base's names: a change that gives its own image a name that a workflow asks for must not
    # take the other one out of the review.
    own = [image.base for image in planned if image.base] if request.has_base_rules else specs
    unknown = [x for x in names if not any(map(ImageSelector([x], own).selects, specs))]
    if unknown:
        raise _make_unknown_error(git, request, planned, files, unknown)
    selector = ImageSelector(names, own)
    selected = [any(map(selector.selects, _list_sides(image))) for image in planned]
    # A new image that may be a removed one is reviewed with it: nothing else would be seen of that.
    removed = {
        image.spec.name
        for image, is_selected in zip(planned, selected, strict=True)
        if is_selected and image.head is None
    }
    return tuple(
        image
        for image, is_selected in zip(planned, selected, strict=True)
        if is_selected or removed.intersection(image.removed_beside)
    )


def _make_unknown_error(
    git: Git,
    request: ReviewRequest,
    planned: Sequence[PlannedImage],
    files: BuildFileReader,
    unknown: Sequence[str],
) -> InputError:
    sha, config = request.head.commit.sha, request.configs.head
    unreviewed = list_unreviewed_images(git, sha, config, files)
    return make_unknown_image_error(unknown, [image.spec for image in planned], unreviewed)


def _list_sides(image: PlannedImage) -> tuple[ImageSpec, ...]:
    """Return the declarations of an image in both revisions: either may be asked for."""
    return tuple(spec for spec in (image.base, image.head) if spec)


def _pair_images(
    git: Git, request: ReviewRequest, contexts: ContextFinder
) -> tuple[tuple[PlannedImage, ...], DeclaredRevision | None, DeclaredRevision]:
    """Return the pairs of images, and what each revision declares."""
    configs, overrides, sha = request.configs, request.overrides, request.head.commit.sha
    head = declare_images(git, sha, configs.head, overrides, contexts)
    if request.base is None:
        return pair_images(None, head), None, DeclaredRevision(sha, head)
    base_sha = request.base.commit.sha
    base = declare_base_images(
        git, base_sha, configs, overrides, contexts, with_discovered=request.has_base_rules
    )
    sides = DeclaredRevision(base_sha, base), DeclaredRevision(sha, head)
    finder = RenameFinder(git, base_sha, sha)
    hints = PairingHints(
        finder.find_declared(base, head),
        detect_host_platform(),
        contexts.stages.find_renamed((base_sha, base), (sha, head)),
    )
    planned = pair_images(base, head, hints)
    if request.has_base_rules:
        planned = _apply_base_rules(git, request, contexts, (base, head), planned)
    return planned, *sides


def _apply_base_rules(
    git: Git,
    request: ReviewRequest,
    contexts: ContextFinder,
    revisions: tuple[DeclaredImages, DeclaredImages],
    planned: tuple[PlannedImage, ...],
) -> tuple[PlannedImage, ...]:
    """Return the plan with the images that base reviews, base's budgets, and older Dockerfiles."""
    if request.base is None:
        return planned
    base, head = revisions
    base_sha, sha = request.base.commit.sha, request.head.commit.sha
    finder = RenameFinder(git, base_sha, sha)
    moves = finder.find_moves(base, head, planned)
    planned = declare_dropped_images(git, sha, base, planned, moves, contexts=contexts)
    planned = tuple(replace(x, base_budget=_choose_base_budget(request, x)) for x in planned)
    origins = finder.find_origins(base, head, planned)
    planned = declare_origins(git, base_sha, revisions, planned, origins, contexts=contexts)
    # Last, when all that was moved, renamed or dropped is no removed image any more.
    return name_removed_images(planned)


def _set_trusted_needs(request: ReviewRequest, image: PlannedImage) -> PlannedImage:
    """Return an image with the needs of its builds by the configuration that holds for them.

    They are base's, with those of the caller; of what base does not declare, those of its file.
    """
    if not request.has_base_rules:
        return set_needs(image, image.spec)
    # With an older Dockerfile, `base` is head's declaration at the older path.
    if image.base is not None and not image.has_older_dockerfile:
        return set_needs(image, image.base)
    source = find_needs_source(request.trusted_config, image.spec)
    # For its needs alone: platforms would make several images of it.
    own = replace(request.overrides, platforms=())
    return set_needs(image, own.apply_to_specs((source,))[0])


def _choose_base_budget(request: ReviewRequest, image: PlannedImage) -> Budget:
    """Return the budget of an image by base's rules: its own there, or the one of all images.

    Base's file may have an entry for a Dockerfile that is new here: that lets a large one pass.
    Without a file, base has the limits of the caller and the defaults besides.
    """
    config = request.configs.base
    if config is not None and image.base is not None:
        return image.base.budget
    key = image.spec.name, image.spec.dockerfile
    entries = config.images or () if config else ()
    own = next((entry for entry in entries if (entry.name, entry.dockerfile) == key), None)
    common = config.defaults.spec.budget if config else Budget()
    return request.overrides.limits.apply_to(own.budget if own else common)
