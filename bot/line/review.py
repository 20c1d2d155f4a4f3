"""A review in order: plan, build, measure, compare, judge, advise, report.

All that it needs from outside is handed in (`ReviewTools`). Failure is a value: an image that
cannot be built or measured is a row in the report, not the end of the review.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial

from bot.audit.repeated_files import RepeatedFileFinder
from bot.line.advice import Advisor
from bot.line.audit_facts import condense_image, make_audit_facts, sort_by_size
from bot.line.build_input import BuildInput, number_labels
from bot.line.chained_images import ChainFinder, MissingImageFinder
from bot.line.checkout import HEAD, Checkout
from bot.line.context_warnings import note_plan
from bot.line.contexts import ContextFinder
from bot.line.excused_platforms import excuse_platforms
from bot.line.image_reviews import ImageReviewer
from bot.line.known_images import open_known_images
from bot.line.missing_content import explain_unwritable_files
from bot.line.needed_files import list_needed_files
from bot.line.not_reviewed import add_not_reviewed
from bot.line.ports import BuildFilePrinter, Git
from bot.line.production import Producer
from bot.line.report_history import StoreOpener
from bot.line.reported_bases import list_users
from bot.line.review_request import ReviewedRevision, ReviewRequest, plan_images
from bot.line.rule_changes import list_rule_changes
from bot.model.report import STATES_WITHOUT_BUILD, ImageReport, Mode, Report
from bot.model.sizes import format_count
from bot.project.config_file import DEFAULT_CONFIG_PATH
from bot.project.image_chains import ChainedImage
from bot.project.image_plan import PlannedImage


@dataclass(frozen=True, slots=True)
class ReviewTools:
    """The tools that a review of revisions needs from outside.

    Without `open_store`, nothing that was recorded stands in for a build.
    """

    git: Git
    producer: Producer
    advisor: Advisor
    printer: BuildFilePrinter
    open_store: StoreOpener | None = None


def review_revisions(tools: ReviewTools, request: ReviewRequest) -> Report:
    """Build, measure and compare every image that differs between two revisions."""
    contexts = ContextFinder(tools.git, tools.producer.parser, tools.printer)
    planned = _plan_images(tools, request, contexts)
    # Found in the files of both revisions, so that they are reported whatever becomes of the
    # builds.
    gate_changes = list_rule_changes(tools.git, request, planned, contexts)
    with ExitStack() as stack:
        notes = [*request.notes, *note_plan(planned)]
        base, head = _check_out_sides(stack, tools, request, contexts, planned, notes=notes)
        inputs = number_labels(
            [make_inputs(tools.producer, image, base, head) for image in planned]
        )
        reviewer = _make_reviewer(tools, request, contexts, base, head)
        # All turns are prepared before the first build: only then is it known how many builds there
        # are, and which images several turns share.
        turns = list(map(reviewer.prepare_review, planned, inputs))
        builds = tools.producer.take_turns([turn.builds for turn in turns])
        # Closed before the checkouts are removed, also after an error: threads may still build from
        # them.
        stack.enter_context(closing(builds))
        images = tuple(reviewer.review(turn) for turn, _ in zip(turns, builds, strict=True))
        # Last, as it takes all reports: a platform is excused only beside another one of the same
        # image.
        images = excuse_platforms(planned, images)
    report = make_report(Mode.REVIEW, request, list_users(images), notes)
    return add_not_reviewed(
        tools.git, replace(report, gate_changes=gate_changes), request, contexts
    )


def _check_out_sides(
    stack: ExitStack,
    tools: ReviewTools,
    request: ReviewRequest,
    contexts: ContextFinder,
    planned: Sequence[PlannedImage],
    *,
    notes: list[str],
) -> tuple[Checkout | None, Checkout | None]:
    """Check out base, if there is one, and head, as long as the stack is open; add notes on it."""
    # Where nothing is built, nothing is checked out: that takes long in a large repository.
    if all(image.state in STATES_WITHOUT_BUILD for image in planned):
        return None, None
    old, new = zip(*map(_choose_builds, planned), strict=True)
    list_files = partial(list_needed_files, tools.git, contexts.dockerfiles)
    paths = list_files(request.head.commit.sha, new)
    head = stack.enter_context(check_out(tools, HEAD, request.head, notes, paths))
    base: Checkout | None = None
    if request.base:
        paths = list_files(request.base.commit.sha, old)
        base = stack.enter_context(check_out(tools, "base", request.base, notes, paths))
    notes.append(f"Built with {tools.producer.builder.description}.")
    return base, head


def audit_revision(tools: ReviewTools, request: ReviewRequest) -> Report:
    """Build and measure every image of one revision, the largest first."""
    request = replace(request, base=None)
    contexts = ContextFinder(tools.git, tools.producer.parser, tools.printer)
    planned = _plan_images(tools, request, contexts)
    notes = [*request.notes, *note_plan(planned)]
    if planned:
        notes.append(f"Built with {tools.producer.builder.description}.")
    builds, finder = [image.head_chain for image in planned], RepeatedFileFinder()
    paths = list_needed_files(tools.git, contexts.dockerfiles, request.head.commit.sha, builds)
    with check_out(tools, HEAD, request.head, notes, paths) as head:
        inputs = number_labels(
            [make_inputs(tools.producer, image, None, head) for image in planned]
        )
        reviewer = _make_reviewer(tools, request, contexts, None, head)
        images = _audit_images(tools.producer, reviewer, planned, inputs, finder)
    report = make_report(Mode.AUDIT, request, list_users(sort_by_size(images)), notes)
    report = replace(report, audit=make_audit_facts(request, finder))
    return add_not_reviewed(tools.git, report, request, contexts)


def _audit_images(
    producer: Producer,
    reviewer: ImageReviewer,
    planned: Sequence[PlannedImage],
    inputs: Sequence[tuple[BuildInput, ...]],
    finder: RepeatedFileFinder,
) -> tuple[ImageReport, ...]:
    """Build and measure images; each report is condensed before the next image is measured."""
    turns = list(map(reviewer.prepare_audit, planned, inputs))
    with closing(producer.take_turns([turn.builds for turn in turns])) as groups:
        images = [
            condense_image(reviewer.audit(turn), finder)
            for turn, _ in zip(turns, groups, strict=True)
        ]
    return excuse_platforms(planned, images)


def _make_reviewer(
    tools: ReviewTools,
    request: ReviewRequest,
    contexts: ContextFinder,
    base: Checkout | None,
    head: Checkout | None,
) -> ImageReviewer:
    images = open_known_images(tools.git, contexts.dockerfiles, tools.open_store, request)
    return ImageReviewer(tools.git, tools.producer, tools.advisor, request, images, base, head)


def make_report(
    mode: Mode,
    request: ReviewRequest,
    images: tuple[ImageReport, ...],
    notes: list[str],
) -> Report:
    """Return the report of a request."""
    return Report(
        mode=mode,
        images=images,
        base=request.base.to_report() if request.base else None,
        head=request.head.to_report(),
        reproduce_command=request.reproduce_command,
        limit_options=request.limit_options,
        config_path=request.config_path or _name_config_file(request.configs.path),
        notes=tuple(notes),
    )


def _name_config_file(path: str) -> str:
    """Return the path of the configuration file, but for the one that every page means."""
    return "" if path == DEFAULT_CONFIG_PATH else path


def _plan_images(
    tools: ReviewTools, request: ReviewRequest, contexts: ContextFinder
) -> tuple[PlannedImage, ...]:
    """Pair the images, and turn on what their budgets need to be measured."""
    planned = plan_images(tools.git, request, contexts, _make_chain_finder(tools, contexts))
    budgets = [budget for image in planned for budget in (image.spec.budget, image.base_budget)]
    # Before any image is read: a layer is scanned once, and its contents are not there any more
    # when its compressed size is asked for later.
    tools.producer.measurer.prepare_for(budgets)
    return planned


def _make_chain_finder(tools: ReviewTools, contexts: ContextFinder) -> ChainFinder:
    return ChainFinder(tools.git, contexts.dockerfiles, find_missing_images(tools))


def find_missing_images(tools: ReviewTools) -> MissingImageFinder:
    """Return a function that says of which names neither the engine nor a registry has an image."""
    producer = tools.producer

    def find_missing(names: Sequence[str], platform: str | None) -> Collection[str]:
        return producer.builder.pin_images(names, platform).unresolved.keys()

    return find_missing


@contextmanager
def check_out(
    tools: ReviewTools,
    side: str,
    revision: ReviewedRevision,
    notes: list[str],
    paths: Collection[str] | None,
) -> Iterator[Checkout]:
    """Check out a revision into a temporary worktree; add a note about what is missing there.

    The files at `paths` are enough; None for all of them.
    """
    sha = revision.commit.sha
    with tools.git.temporary_worktree(sha, paths) as worktree:
        if count := len(worktree.lfs_pointers):
            files = format_count(count, "Git LFS file")
            verb = "is a pointer" if count == 1 else "are pointers"
            notes.append(f"{files} of {sha[:12]} {verb}, without content.")
        notes += worktree.notes
        explain = partial(explain_unwritable_files, tools.git, sha, worktree.unwritable_files)
        yield Checkout(side, sha, worktree, tools.producer.builder.prepare, explain)


def make_inputs(
    producer: Producer, planned: PlannedImage, base: Checkout | None, head: Checkout | None
) -> tuple[BuildInput, ...]:
    """Return the inputs of an image's builds, base's first; none if nothing is built."""
    old, new = _choose_builds(planned)
    if head is None or new is None:
        return ()
    new_input = head.make_input(new, producer.parse_plan)
    if base is None or old is None:
        return (new_input,)
    return base.make_input(old, producer.parse_plan), new_input


def _choose_builds(planned: PlannedImage) -> tuple[ChainedImage | None, ChainedImage | None]:
    """Return what is built of an image at base and at head; None where nothing is."""
    if planned.state in STATES_WITHOUT_BUILD:
        return None, None
    # A published image stands in base's place, and is compared with in the turn.
    return (None if planned.spec.baseline else planned.base_chain), planned.head_chain
