"""Changes of the configuration file, as far as the file decides what passes.

Reports begin with it, since a change could otherwise loosen its own gate unnoticed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.model.report import GateChange, GateKind, Outcome
from bot.model.sizes import format_limit
from bot.model.spec import Budget
from bot.project.budget_changes import NOTHING, compare_budgets
from bot.project.config_file import ProjectConfig
from bot.project.declaration_changes import DeclarationFacts, compare_declarations, find_source
from bot.project.image_plan import PlannedImage
from bot.project.overrides import Overrides
from bot.project.trusted_needs import list_need_changes

_ALL_IMAGES = "all images"
_COMMENT_MODES = ("never", "changes", "always")  # the fewest comments first


@dataclass(frozen=True, slots=True)
class ConfigPair:
    """The configuration of both revisions, of the file at `path`; base's is None without a file."""

    path: str
    base: ProjectConfig | None
    head: ProjectConfig


def list_config_changes(
    pair: ConfigPair,
    overrides: Overrides,
    images: Sequence[PlannedImage],
    facts: DeclarationFacts,
) -> tuple[GateChange, ...]:
    """Return what head's configuration says otherwise than base's.

    Of a file that is new, only what loosens: that all else is new with it needs no saying.
    """
    base = pair.base or ProjectConfig()
    # Without a file, base's only limits are those of the caller.
    has_rules = pair.base is not None or bool(overrides.limits.names)
    changes = (
        *_list_dropped(pair, images, facts),
        *_compare_common_budget(pair, base, overrides),
        *_compare_images(pair, base, images),
        *(compare_declarations(images, facts, pair.path) if has_rules else ()),
        *_compare_selection(pair, base),
        *_compare_settings(pair, base),
        *list_need_changes(base, pair.head, pair.path),
    )
    # An image has a row for each platform, and one budget.
    unique = dict.fromkeys(changes)
    is_new = pair.base is None
    return tuple(change for change in unique if change.result is Outcome.WARN or not is_new)


def _list_dropped(
    pair: ConfigPair, images: Sequence[PlannedImage], facts: DeclarationFacts
) -> Iterator[GateChange]:
    for image in images:
        if image.is_dropped:
            spec = image.base or image.spec
            yield GateChange(
                GateKind.IMAGE,
                f"the image {spec.name} ({spec.dockerfile})",
                "reviewed",
                _describe_dropped(image),
                Outcome.WARN,
                find_source((spec,), facts.changed, pair.path),
            )


def _describe_dropped(image: PlannedImage) -> str:
    if image.moved_to:
        return f"moved to {image.moved_to}, and not reviewed: no Dockerfile has such a name"
    if image.renamed_from:
        return f"moved to {image.spec.dockerfile}, where no image is reviewed; reviewed a last time"
    return "not in the configuration; reviewed here as the base declares it"


def _compare_common_budget(
    pair: ConfigPair, base: ProjectConfig, overrides: Overrides
) -> Iterator[GateChange]:
    """Compare the budget of all images; no file loosens a limit that the caller sets."""
    old, new = base.budget, pair.head.budget
    # With the limits of the caller in both, what the files differ in may make no difference.
    in_effect = _differences(
        overrides.limits.apply_to(old), overrides.limits.apply_to(new), _ALL_IMAGES, pair.path
    )
    for change in compare_budgets(old, new, _ALL_IMAGES, pair.path):
        if change in in_effect:
            yield change
        else:
            after = f"{change.after} (not in effect: this run is given a limit)"
            yield replace(change, after=after, result=Outcome.PASS)


def _compare_images(
    pair: ConfigPair, base: ProjectConfig, images: Sequence[PlannedImage]
) -> Iterator[GateChange]:
    """Compare the budgets of single images, but for what all images have in common."""
    for image in images:
        if image.head is None or image.base_budget is None or image.is_dropped:
            continue
        name = f"the image {image.spec.name}"
        # What all images have in common is said once, by `_compare_common_budget`.
        common = _differences(base.budget, pair.head.budget, name, pair.path)
        own = compare_budgets(image.base_budget, image.head.budget, name, pair.path)
        yield from (change for change in own if change not in common)


def _differences(base: Budget, head: Budget, name: str, path: str) -> frozenset[GateChange]:
    return frozenset(compare_budgets(base, head, name, path))


def _compare_selection(pair: ConfigPair, base: ProjectConfig) -> Iterator[GateChange]:
    """Compare what decides which images there are, beside the list of them."""
    head, path = pair.head, pair.path
    if base.discovers != head.discovers:
        texts = [str(config.discovers).lower() for config in (base, head)]
        result = Outcome.PASS if head.discovers else Outcome.WARN
        subject = "the discovery of Dockerfiles (discover)"
        yield GateChange(GateKind.SELECTION, subject, texts[0], texts[1], result, path)
    if base.exclude != head.exclude:
        subject = "the Dockerfiles that are left out (exclude)"
        result = Outcome.WARN if _excludes_more(base.exclude, head.exclude) else Outcome.PASS
        before, after = (_format_list(config.exclude, "the usual ones") for config in (base, head))
        yield GateChange(GateKind.SELECTION, subject, before, after, result, path)
    for name, old, new in (
        ("compose", base.compose, head.compose),
        ("bake", base.bake, head.bake),
    ):
        if old != new:
            # Another file declares other arguments and contexts: neither list is the stricter one.
            subject = f"the files with builds ({name})"
            before, after = _format_list(old, "auto"), _format_list(new, "auto")
            yield GateChange(GateKind.SELECTION, subject, before, after, Outcome.WARN, path)


def _excludes_more(base: Sequence[str] | None, head: Sequence[str] | None) -> bool:
    """Return True unless all of head's patterns are base's, and none of them is an exception."""
    if base is None or head is None:
        return bool(head is None or set(head))
    # An exception that head drops, or puts elsewhere in the order, leaves out more than base did.
    return not set(head) <= set(base) or any(x.lstrip().startswith("!") for x in base)


def _format_list(items: Sequence[str] | None, usual: str) -> str:
    return usual if items is None else ", ".join(items) or NOTHING


def _compare_settings(pair: ConfigPair, base: ProjectConfig) -> Iterator[GateChange]:
    """Compare what only base's file says; head's holds once it is merged."""
    head, path = pair.head, pair.path
    if base.approve_label != head.approve_label:
        # Any other label may be one that more people can set.
        subject = "the label that approves growth (approve.label)"
        before, after = base.approve_label, head.approve_label
        yield GateChange(GateKind.APPROVAL, subject, before, after, Outcome.WARN, path)
    if base.commit_status != head.commit_status:
        subject = "the commit status (commit-status)"
        before, after = base.commit_status or NOTHING, head.commit_status or NOTHING
        yield GateChange(GateKind.COMMIT_STATUS, subject, before, after, Outcome.WARN, path)
    if base.history != head.history:
        subject = "where sizes are recorded (history)"
        before, after = (str(config.history or NOTHING) for config in (base, head))
        yield GateChange(GateKind.HISTORY, subject, before, after, Outcome.WARN, path)
    if base.comment != head.comment:
        subject, modes = "when to comment (comment)", (base.comment, head.comment)
        fewer = _COMMENT_MODES.index(head.comment) < _COMMENT_MODES.index(base.comment)
        result = Outcome.WARN if fewer else Outcome.PASS
        yield GateChange(GateKind.COMMENT, subject, *modes, result, path)
    if base.comment_threshold != head.comment_threshold:
        subject = "the change that is worth a comment (comment-threshold)"
        sizes = (format_limit(base.comment_threshold), format_limit(head.comment_threshold))
        is_looser = head.comment_threshold > base.comment_threshold
        result = Outcome.WARN if is_looser else Outcome.PASS
        yield GateChange(GateKind.COMMENT, subject, *sizes, result, path)
