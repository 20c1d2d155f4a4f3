"""The page of `audit --since`: who changed the size, what no commit did, and what was left open."""

from dataclasses import replace

from bot.model.image_identity import ImageIdentity
from bot.model.report import Outcome, Report
from bot.model.since import (
    ImageSizes,
    MovedSource,
    RangeReason,
    SinceFacts,
    SizeChange,
    UnexaminedRange,
    WalkedCommit,
)
from bot.model.sizes import format_change, format_count, format_percent, format_size
from bot.report.page.image_facts import format_lines, untrusted_prose
from bot.report.page.page_model import (
    KeepPriority,
    Line,
    Page,
    Phrase,
    Row,
    Section,
    Table,
    Untrusted,
    join_phrases,
    make_sentence,
)
from bot.report.page.trend_section import draw_sizes

_COLUMNS = ("change", "image", "commit", "line", "what")
_MAX_ROWS = 50
_MAX_OTHERS = 20
_SHORT_SHA = 12
_REASONS = {
    RangeReason.NOT_LOOKED_INTO: "not examined",
    RangeReason.SMALL_CHANGES: "small changes, each recorded",
    RangeReason.DOES_NOT_BUILD: "does not build",
    RangeReason.OTHER_TIMES: "one size is from a record, the other from today",
}


def make_since_page(report: Report, since: SinceFacts, footer: tuple[Phrase, ...]) -> Page:
    """Build the page."""
    return Page(
        outcome=Outcome.SKIP if report.verdict is Outcome.PASS else report.verdict,
        headline=_make_headline(since),
        why=make_sentence(_explain_largest(since)),
        next_step=make_sentence(_suggest_step(since)),
        columns=_COLUMNS if since.changes else (),
        number_columns=frozenset({0}) if since.changes else frozenset(),
        rows=tuple(_make_row(change, since) for change in since.changes[:_MAX_ROWS]),
        details=(),
        unchanged=(),
        footer=footer,
        overview=(_make_images_section(since),),
        findings=(
            *_make_rest_section(since),
            *_make_moved_section(since),
            *_make_open_section(since),
            _make_counts_section(since),
        ),
    )


def _make_headline(since: SinceFacts) -> Phrase:
    if not since.images:
        return ("No image was found",)
    ranked = sorted(since.images, key=lambda image: -abs(image.change_bytes or 0))
    parts: list[Phrase] = [_describe_net(image) for image in ranked[:2]]
    rest = len(ranked) - len(parts)
    others: list[Phrase] = [(f"{format_count(rest, 'more image')}",)] if rest > 0 else []
    return (*join_phrases([*parts, *others], "; "), " since ", *untrusted_prose(since.since, 60))


def _describe_net(image: ImageSizes) -> Phrase:
    name = _name(image)
    if image.change_bytes is None or image.newest_bytes is None or image.oldest_bytes is None:
        return (name, " could not be measured")
    sizes = f"{format_size(image.oldest_bytes)} → {format_size(image.newest_bytes)}"
    if not image.change_bytes:
        return (name, f" has not changed ({format_size(image.newest_bytes)})")
    verb = "grew" if image.change_bytes > 0 else "shrank"
    percent = format_percent(image.change_bytes, image.oldest_bytes)
    addition = f", {percent}" if percent else ""
    return (name, f" {verb} by {format_size(abs(image.change_bytes))} ({sizes}{addition})")


def _explain_largest(since: SinceFacts) -> Phrase:
    """Name the commit with the largest change, or say that no commit made it."""
    change = max(since.changes, key=lambda change: abs(change.bytes), default=None)
    move = max(since.moved, key=lambda move: abs(move.bytes), default=None)
    if move and (change is None or abs(move.bytes) > abs(change.bytes)):
        return ("no commit caused it: ", *_describe_move(move), f", {format_change(move.bytes)}")
    if change is None and any(part.bytes is None or part.bytes for part in since.unexamined):
        return ("it is not known which of the commits below did it",)
    if change is None:
        return ("no commit was found that changed a size",)
    commit = change.commit
    by: Phrase = (" by ", *untrusted_prose(commit.author, 60)) if commit.author else ()
    return (
        *_describe_commit(commit),
        *by,
        f" of {commit.date[:10]} changed ",
        _find_name(since, change.image),
        f" by {format_change(change.bytes)}",
        *_describe_cause(change),
    )


def _describe_cause(change: SizeChange) -> Phrase:
    parts: list[Phrase] = []
    lines = format_lines(change.line_start, change.line_end)
    if change.text:
        parts.append(((f"{lines}, " if lines else ""), Untrusted(change.text, 100)))
    if change.owner:
        parts.append(("the largest part is ", Untrusted(change.owner, 100)))
    return (": ", *join_phrases(parts, "; ")) if parts else ()


def _suggest_step(since: SinceFacts) -> Phrase:
    if since.is_interrupted:
        return ("run the same command again: it goes on from here",)
    if since.problem:
        return ("see at the end why the search ended early, and run the same command again",)
    broken = [x for x in since.unexamined if x.reason is RangeReason.DOES_NOT_BUILD]
    if any(x.bytes is None for x in broken):
        return ("fix the builds below, or name a start after them",)
    is_open = any(x.reason is RangeReason.NOT_LOOKED_INTO for x in since.unexamined)
    if is_open and not since.covers_all:
        return ("for every commit that can matter, add `--all`",)
    return ("nothing",)


def _make_row(change: SizeChange, since: SinceFacts) -> Row:
    lines = format_lines(change.line_start, change.line_end).removeprefix("line ")
    what: list[Phrase] = [(Untrusted(x, 80),) for x in (change.text, change.owner) if x]
    cells: tuple[Phrase, ...] = (
        (format_change(change.bytes),),
        (_find_name(since, change.image),),
        _describe_in_full(change.commit),
        (lines.removeprefix("lines ") or "—",),
        join_phrases(what, ": ") or ("—",),
    )
    return Row(Outcome.SKIP, cells)


def _describe_in_full(commit: WalkedCommit) -> Phrase:
    """Return pull request, commit, subject, date and author; a number that the subject has once."""
    number = None if f"#{commit.pull_request}" in commit.subject else commit.pull_request
    subject: Phrase = (" ", *untrusted_prose(commit.subject, 80)) if commit.subject else ()
    by: Phrase = (", ", *untrusted_prose(commit.author, 40)) if commit.author else ()
    start = _describe_commit(replace(commit, pull_request=number))
    return (*start, *subject, f" ({commit.date[:10]}", *by, ")")


def _describe_commit(commit: WalkedCommit) -> Phrase:
    """Return the pull request, which GitHub links, and the commit."""
    number = f"#{commit.pull_request} " if commit.pull_request is not None else ""
    return (number, Untrusted(commit.sha[:_SHORT_SHA], _SHORT_SHA))


def _make_images_section(since: SinceFacts) -> Section:
    rows = tuple(_make_image_row(image) for image in since.images)
    headers = ("image", "before", "now", "change", "sizes that are known")
    table = Table(headers, rows, frozenset({1, 2, 3}))
    return Section("Images", KeepPriority.KEEP, (table,))


def _make_image_row(image: ImageSizes) -> tuple[Phrase, ...]:
    change = image.change_bytes
    new: Phrase = ()
    if image.added_by:
        new = (" (new with ", *_describe_commit(image.added_by), ")")
    return (
        (_name(image), *new),
        (_format_optional(image.oldest_bytes),),
        (_format_optional(image.newest_bytes),),
        ("?" if change is None else format_change(change),),
        (draw_sizes([point.bytes for point in image.points]) or "—",),
    )


def _make_rest_section(since: SinceFacts) -> list[Section]:
    rest = since.changes[_MAX_ROWS:]
    if not rest:
        return []
    total = format_change(sum(change.bytes for change in rest))
    text = f"{format_count(len(rest), 'smaller change')} of single commits: {total} in all."
    return [Section("Smaller changes", KeepPriority.SMALLER_CAUSES, (Line((text,)),))]


def _make_moved_section(since: SinceFacts) -> list[Section]:
    if not since.moved:
        return []
    ranked = sorted(since.moved, key=lambda move: -abs(move.bytes))[:_MAX_OTHERS]
    rows = tuple(
        (
            (format_change(move.bytes),),
            (_find_name(since, move.image),),
            _describe_move(move),
        )
        for move in ranked
    )
    table = Table(("change", "image", "why"), rows, frozenset({0}))
    return [Section("Changes that no commit made", KeepPriority.CAUSES, (table,))]


def _describe_move(move: MovedSource) -> Phrase:
    start = move.older.sha[:_SHORT_SHA]
    if move.older.sha == move.newer.sha:
        span: Phrase = ("the same commit, ", Untrusted(start), ", measured at another time")
    else:
        end = Untrusted(move.newer.sha[:_SHORT_SHA])
        span = ("between ", Untrusted(start), " and ", end)
    if move.is_base_image:
        return ("the base image moved, ", Untrusted(move.owner, 100), " (", *span, ")")
    if move.owner:
        start_text = "installed packages have new releases, the largest part is "
        return (start_text, Untrusted(move.owner, 100), " (", *span, ")")
    return ("the same inputs have another size: ", *span)


def _make_open_section(since: SinceFacts) -> list[Section]:
    if not since.unexamined:
        return []
    ranked = sorted(since.unexamined, key=_rank_range)
    rows = tuple(_make_range_row(part, since) for part in ranked[:_MAX_OTHERS])
    table = Table(("net change", "image", "commits", "why"), rows, frozenset({0, 2}))
    rest = len(ranked) - len(rows)
    lines = [Line((f"{format_count(rest, 'more range')} in the JSON report.",))] if rest else []
    title = "Commits that were not examined one by one"
    return [Section(title, KeepPriority.CAUSES, (table, *lines))]


def _rank_range(part: UnexaminedRange) -> tuple[bool, int]:
    return part.bytes is not None, -abs(part.bytes or 0)


def _make_range_row(part: UnexaminedRange, since: SinceFacts) -> tuple[Phrase, ...]:
    ends = part.older.sha[:_SHORT_SHA], part.newer.sha[:_SHORT_SHA]
    problem: Phrase = (": ", *untrusted_prose(part.problem, 160)) if part.problem else ()
    return (
        ("?" if part.bytes is None else format_change(part.bytes),),
        (_find_name(since, part.image),),
        (f"{part.commits:,}",),
        (Untrusted("..".join(ends), 30), f" {_REASONS[part.reason]}", *problem),
    )


def _make_counts_section(since: SinceFacts) -> Section:
    parts = [format_count(since.builds, "build")]
    if since.recorded:
        parts.append(f"{format_count(since.recorded, 'size')} from the history")
    if since.reused:
        parts.append(f"{since.reused:,} from earlier runs")
    commits = format_count(since.commits, "commit")
    start = Untrusted(since.start.sha[:_SHORT_SHA])
    text = f": {', '.join(parts)}. Sizes are those of the first parents of the revision."
    line = Line((f"{commits} since ", start, f" of {since.start.date[:10]}{text}"))
    return Section("How it was found", KeepPriority.SIZES, (line,))


def _find_name(since: SinceFacts, identity: ImageIdentity) -> Untrusted:
    names = [_name(image) for image in since.images if image.image == identity]
    return names[0] if names else Untrusted(identity.name, 64)


def _name(image: ImageSizes) -> Untrusted:
    platform = image.image.platform
    return Untrusted(f"{image.title} ({platform})" if platform else image.title, 64)


def _format_optional(size: int | None) -> str:
    return "?" if size is None else format_size(size)
