"""The sections of an audit: its totals, and what holds for several images."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from bot.audit.savings import select_savings
from bot.audit.shared_layers import find_shared_layers
from bot.audit.totals import count_totals
from bot.model.audit import AuditFacts, RepeatedGroup, Saving, SharedLayers, Totals
from bot.model.image_identity import ImageIdentity
from bot.model.largest_parts import Contents
from bot.model.report import ImageReport, Report
from bot.model.sizes import format_count, format_size
from bot.report.page import image_facts
from bot.report.page.page_model import (
    KeepPriority,
    Line,
    Phrase,
    Section,
    Table,
    Untrusted,
    join_phrases,
)
from bot.report.page.suggestion_words import describe_confidence

TOTALS_TITLE, CONTENTS_TITLE = "All images", "Largest contents"
_MAX_SAVINGS = 5
_MAX_GROUPS = 10
_MAX_NAMES = 3
_Labels = Mapping[ImageIdentity, Untrusted]


def make_overview(report: Report) -> tuple[Section, ...]:
    """Build the three totals, which come before the table."""
    if not report.images:
        return ()
    totals = count_totals(report.images)
    at_least = "at least " if totals.images_lacking_contents else ""
    table = Table(
        ("images", "size, shared layers once", "added up", "can be saved"),
        (
            (
                (f"{totals.images:,}",),
                (at_least + format_size(totals.unpacked_bytes_unique),),
                (at_least + format_size(totals.unpacked_bytes),),
                (f"at least {format_size(totals.saving_bytes)}" if totals.saving_bytes else "—",),
            ),
        ),
        frozenset({0, 1, 2, 3}),
    )
    phrases = (_describe_origin(report), _describe_lacking(totals))
    lines = [Line(phrase) for phrase in phrases if phrase]
    return (Section(TOTALS_TITLE, KeepPriority.KEEP, (*lines, table)),)


def make_findings(report: Report) -> tuple[Section, ...]:
    """Build the largest savings, and the files that several images store apart."""
    labels = {image.identity: image_facts.label(image) for image in report.images}
    return (*_make_savings_section(report, labels), *_make_repeated_section(report, labels))


def make_image_sections(report: Report, images: Sequence[ImageReport]) -> list[list[Section]]:
    """Build for each image its largest contents, and what it shares with others."""
    labels = {image.identity: image_facts.label(image) for image in report.images}
    shared = find_shared_layers(images)
    return [
        [*make_contents_section(image), *_make_shared_section(image, others, labels)]
        for image, others in zip(images, shared, strict=True)
    ]


def _describe_origin(report: Report) -> Phrase:
    """Say of which repository the audit is, and when it was made."""
    facts = report.audit or AuditFacts()
    parts: list[Phrase] = []
    if facts.repository:
        parts.append(("Repository ", Untrusted(facts.repository, 200)))
    if report.head:
        parts.append(("revision ", Untrusted(report.head.ref or report.head.sha, 100)))
    if facts.made_at:
        parts.append(("made at ", *image_facts.untrusted_prose(facts.made_at, 40)))
    return (*join_phrases(parts, ", "), ".") if parts else ()


def _describe_lacking(totals: Totals) -> Phrase:
    number = totals.images_lacking_contents
    if not number:
        return ()
    verb = "was" if number == 1 else "were"
    return (
        f"{format_count(number, 'image')} {verb} built without all contents of Git LFS files or "
        "submodules: these sizes, and the sums, are lower bounds (≥).",
    )


def _make_savings_section(report: Report, labels: _Labels) -> list[Section]:
    savings = select_savings(report.images)
    if not savings:
        return []
    rows = tuple(_format_saving(saving, labels) for saving in savings[:_MAX_SAVINGS])
    table = Table(("image", "suggestion", "saves"), rows, frozenset({2}))
    rest = savings[_MAX_SAVINGS:]
    number, size = format_count(len(rest), "more"), format_size(sum(x.bytes for x in rest))
    lines = [Line((f"{number.removesuffix('s')} in the details below: {size}.",))] if rest else []
    title = "Largest savings"
    return [Section(title, KeepPriority.SUGGESTIONS, (table, *lines))]


def _format_saving(saving: Saving, labels: _Labels) -> tuple[Phrase, ...]:
    suggestion = saving.suggestion
    lines = image_facts.format_lines(suggestion.line_start, suggestion.line_end)
    confidence = describe_confidence(suggestion)
    details = "; ".join(part for part in (lines, confidence) if part)
    title = image_facts.untrusted_prose(suggestion.title)
    return (
        (labels[saving.image],),
        (*title, f" ({details})" if details else ""),
        (format_size(saving.bytes),),
    )


def _make_repeated_section(report: Report, labels: _Labels) -> list[Section]:
    repeated = report.audit.repeated_files if report.audit else None
    if repeated is None or not repeated.bytes:
        return []
    rows = tuple(_format_repeated(group, labels) for group in repeated.largest[:_MAX_GROUPS])
    table = Table(("path", "images", "files", "copies", "extra"), rows, frozenset({2, 3, 4}))
    title = f"Same files in several images: {format_size(repeated.bytes)} stored more than once"
    return [Section(title, KeepPriority.DUPLICATES, (table,), collapsed=True)]


def _format_repeated(group: RepeatedGroup, labels: _Labels) -> tuple[Phrase, ...]:
    return (
        (Untrusted(group.path, 120),),
        _join_labels(group.images, labels),
        (f"{group.files:,}",),
        (f"{group.copies:,}",),
        (format_size(group.bytes),),
    )


def make_contents_section(image: ImageReport, most: int | None = None) -> list[Section]:
    """List the largest packages, folders and files of an image; at most so many of each."""
    contents = image.comparison.head.contents if image.comparison.head else None
    rows = _list_contents(contents, most) if contents else ()
    if not rows:
        return []
    table = Table(("largest", "name", "size"), rows, frozenset({2}))
    return [Section(CONTENTS_TITLE, KeepPriority.FILES, (table,), collapsed=True)]


def _list_contents(contents: Contents, most: int | None) -> tuple[tuple[Phrase, ...], ...]:
    packages = [
        (
            image_facts.untrusted_prose(item.kind, 20),
            _name_package(item.name, item.version),
            (format_size(item.bytes),),
        )
        for item in contents.packages[:most]
    ]
    paths = [
        ((kind,), (Untrusted(item.path, 120),), (format_size(item.bytes),))
        for kind, items in (("folder", contents.folders), ("file", contents.files))
        for item in items[:most]
    ]
    return (*packages, *paths)


def _name_package(name: str, version: str | None) -> Phrase:
    return (Untrusted(name, 80), " ", Untrusted(version, 30)) if version else (Untrusted(name, 80),)


def _make_shared_section(
    image: ImageReport, shared: Sequence[SharedLayers], labels: _Labels
) -> list[Section]:
    """Name the images with which an image shares layers, together those that share as much."""
    if not shared or image.comparison.head is None:
        return []
    rows = tuple(
        (_join_labels([x.image for x in group], labels), (f"{layers:,}",), (format_size(size),))
        for (size, layers), group in _group_by_size(shared)
    )
    table = Table(("shared with", "layers", "size"), rows[:_MAX_GROUPS], frozenset({1, 2}))
    return [Section("Shared layers", KeepPriority.FILES, (table,), collapsed=True)]


def _group_by_size(
    shared: Sequence[SharedLayers],
) -> list[tuple[tuple[int, int], list[SharedLayers]]]:
    def measure(part: SharedLayers) -> tuple[int, int]:
        return part.unpacked_bytes, part.layers

    groups = groupby(sorted(shared, key=measure, reverse=True), key=measure)
    return [(key, list(group)) for key, group in groups]


def _join_labels(identities: Sequence[ImageIdentity], labels: _Labels) -> Phrase:
    """Join the names of a few images, and count the others; one that is not there keeps its own."""
    names: list[Phrase] = [(labels.get(x, Untrusted(x.name, 64)),) for x in identities[:_MAX_NAMES]]
    rest = len(identities) - len(names)
    return (*join_phrases(names, ", "), f" and {rest:,} more" if rest else "")
