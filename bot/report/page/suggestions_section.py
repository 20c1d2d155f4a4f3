"""The suggestions for one image: a list, what can be copied, and the proofs."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain

from bot.model.report import ImageReport
from bot.model.sizes import format_count, format_percent, format_size
from bot.model.suggestion import Edit, SecondOffer, StartResult, Suggestion
from bot.report.page import image_facts
from bot.report.page.combined_patch import CombinedPatch, list_patches
from bot.report.page.older_suggestions import list_current_suggestions
from bot.report.page.overlapping_savings import describe_overlap
from bot.report.page.page_model import (
    Block,
    KeepPriority,
    Line,
    Listing,
    Section,
    Strong,
    Untrusted,
    join_phrases,
)
from bot.report.page.small_sizes import is_small
from bot.report.page.suggestion_words import describe_confidence

SUGGESTIONS_TITLE = "Suggestions"
PATCH_TITLE = "Patch"
_MAX_REWRITE_LINES = 200
_MAX_PATCHES = 4


def _order_suggestions(image: ImageReport) -> list[Suggestion]:
    """Return the suggestions in the order of their section, the largest saving first."""
    return sorted(image.suggestions, key=lambda suggestion: -(suggestion.saving_bytes or 0))


def make_suggestions_sections(
    image: ImageReport, images: Sequence[ImageReport] = ()
) -> list[Section]:
    """Build the list of suggestions, and what can be copied; `images` are all of the report."""
    ordered = list_shown_suggestions(image)
    if not image.suggestions:
        return []
    items = [
        _format_suggestion(suggestion, describe_overlap(suggestion, ordered[:position], image))
        for position, suggestion in enumerate(ordered)
    ]
    lines = (*items, *_count_hidden(image, len(ordered)))
    before = image.comparison.head.unpacked_bytes if image.comparison.head else None
    rewrites = (_make_rewrite_section(suggestion, before) for suggestion in ordered)
    suggestions = Section(SUGGESTIONS_TITLE, KeepPriority.SUGGESTIONS, lines)
    return [suggestions, *_make_patch_sections(image, images), *chain(*rewrites)]


def _make_patch_sections(image: ImageReport, images: Sequence[ImageReport]) -> list[Section]:
    """Build the sections with one diff for all suggestions that fit together, and with the rest.

    Images of one Dockerfile have one patch, at the first of them that has suggestions: a second
    one would no longer apply.
    """
    patched = [x for x in images if x.spec.dockerfile == image.spec.dockerfile and _has_patch(x)]
    first = patched[0] if patched else image
    if first is not image:
        line = Line(
            ("The patch of this Dockerfile is in the details of ", image_facts.label(first), ".")
        )
        return [Section(PATCH_TITLE, KeepPriority.REWRITE, (line,))] if _has_patch(image) else []
    patches = list_patches(chain(*map(list_shown_suggestions, patched or [image])))
    sections = [Section(PATCH_TITLE, KeepPriority.REWRITE, (_make_diff(x),)) for x in patches[:1]]
    others = enumerate(patches[1:_MAX_PATCHES], 2)
    sections += [_make_other_patch(number, patch) for number, patch in others]
    if rest := sum(len(patch.included) for patch in patches[_MAX_PATCHES:]):
        verb = "is" if rest == 1 else "are"
        count = format_count(rest, "more suggestion")
        line = Line((f"{count} {verb} in no patch: see the JSON report.",))
        sections[-1] = replace(sections[-1], blocks=(*sections[-1].blocks, line))
    return sections


def _make_other_patch(number: int, patch: CombinedPatch) -> Section:
    """Build the section of a patch that changes lines of the ones before it."""
    titles = [image_facts.untrusted_prose(suggestion.title) for suggestion in patch.included]
    instead = "the patch above" if number == 2 else "the patches above"
    line = Line((f"Apply it instead of {instead}: ", *join_phrases(titles, "; "), "."))
    title = f"{PATCH_TITLE} {number}, instead of {instead}"
    blocks = (line, _make_diff(patch))
    return Section(title, KeepPriority.OTHER_PATCHES, blocks, collapsed=True)


def _make_diff(patch: CombinedPatch) -> Listing:
    return replace(_make_listing(patch.diff), is_diff=True)


def _has_patch(image: ImageReport) -> bool:
    return any(suggestion.diff for suggestion in list_shown_suggestions(image))


def _count_hidden(image: ImageReport, shown: int) -> Iterator[Line]:
    """Count what is not listed: small suggestions, and those that a change leaves as they were."""
    current = len(list_current_suggestions(image))
    older = len(image.suggestions) - current
    if hidden := current - shown:
        count = format_count(hidden, "small suggestion")
        yield Line((f"{count} of less than 100 kB: see the JSON report.",))
    if older:
        command = Untrusted(f"image-size-review advise {image.spec.dockerfile}")
        count = format_count(older, "older suggestion")
        yield Line((f"{count} on lines that this change does not edit: ", command, "."))


def list_shown_suggestions(image: ImageReport) -> list[Suggestion]:
    """Return the suggestions for a change that are not small; of an image alone, all of them."""
    head, current = image.comparison.head, list_current_suggestions(image)
    ordered = [suggestion for suggestion in _order_suggestions(image) if suggestion in current]
    if head is None or image.comparison.delta is None:
        return ordered
    size = head.unpacked_bytes
    return [x for x in ordered if x.saving_bytes is None or not is_small(x.saving_bytes, size)]


def _format_suggestion(suggestion: Suggestion, overlap: str) -> Line:
    """Format a suggestion as an item of a list, which begins with what it saves.

    `overlap` says what its saving is not to be added to.
    """
    lines = image_facts.format_lines(suggestion.line_start, suggestion.line_end)
    details = "; ".join(filter(None, (lines, describe_confidence(suggestion), overlap)))
    saving = suggestion.saving_bytes
    return Line(
        (
            *((Strong(f"−{format_size(saving)}"), " ") if saving else ()),
            *image_facts.untrusted_prose(suggestion.title),
            f" ({details}). " if details else ". ",
            *image_facts.untrusted_prose(suggestion.message, 1000),
        ),
        is_item=True,
    )


def _make_rewrite_section(suggestion: Suggestion, size_before: int | None) -> list[Section]:
    """Build the section to copy from: edits, or a full Dockerfile (collapsed) with its proof."""
    rule, blocks = Untrusted(suggestion.rule, 60), list(_format_proof(suggestion, size_before))
    # What has a diff is in a patch, or is counted below the last of them.
    for edit in () if suggestion.diff else suggestion.edits:
        blocks += _format_edit(rule, edit)
    if not suggestion.dockerfile:
        title = "Suggested edit"
        return [Section(title, KeepPriority.REWRITE, tuple(blocks))] if blocks else []
    blocks = [
        Line((rule, ", full Dockerfile:")),
        _make_listing(suggestion.dockerfile),
        *blocks,
    ]
    log = " and verification log" if suggestion.verification else ""
    title = f"Full Dockerfile{log}{_format_sizes(suggestion, size_before)}"
    rewrite = Section(title, KeepPriority.REWRITE, tuple(blocks), collapsed=True)
    return [rewrite, *_make_offer_sections(suggestion.second_offer)]


def _make_offer_sections(offer: SecondOffer | None) -> Iterator[Section]:
    """Build the section with the last stage of a second offer, collapsed."""
    if offer is None:
        return
    base = Untrusted(offer.base_image, 200)
    line = Line(("In place of the last stage above, from its comment on, on ", base, ":"))
    result = "" if offer.started is StartResult.SAME else ", not started"
    title = f"Second offer, another last stage: {format_size(offer.unpacked_bytes)}{result}"
    blocks = (line, _make_listing(offer.last_stage))
    yield Section(title, KeepPriority.OTHER_PATCHES, blocks, collapsed=True)


def _format_edit(rule: Untrusted, edit: Edit) -> Iterator[Block]:
    """Format an edit: the lines and their replacement, or only the lines of a deletion."""
    if not edit.replacement:
        yield Line((rule, f", delete {image_facts.format_lines(edit.line_start, edit.line_end)}."))
        return
    yield Line(
        (rule, f", replace {image_facts.format_lines(edit.line_start, edit.line_end)} with:")
    )
    yield _make_listing(edit.replacement)


def _format_sizes(suggestion: Suggestion, size_before: int | None) -> str:
    """Format the sizes before and after; empty unless both were measured."""
    after = suggestion.verification.unpacked_bytes if suggestion.verification else None
    if size_before is None or after is None:
        return ""
    return f": {format_size(size_before)} → {format_size(after)}"


def _format_proof(suggestion: Suggestion, size_before: int | None) -> Iterator[Block]:
    """Format the sizes before and after, and the verification's log line by line."""
    proof = suggestion.verification
    if proof is None:
        return
    rule, after = Untrusted(suggestion.rule, 60), proof.unpacked_bytes
    if size_before is not None and after is not None:
        share = format_percent(after - size_before, size_before) or ""
        sizes = _format_sizes(suggestion, size_before)
        confidence = describe_confidence(suggestion)
        yield Line((rule, f"{sizes} ({share}), {confidence}."))
    if proof.log:
        yield _make_listing(proof.log)


def _make_listing(text: str) -> Listing:
    lines = text.splitlines()
    cut = ("…",) if len(lines) > _MAX_REWRITE_LINES else ()
    return Listing((*lines[:_MAX_REWRITE_LINES], *cut))
