"""The savings of several images, without any that count the same bytes twice."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence

from bot.model.audit import Saving
from bot.model.report import ImageReport
from bot.model.suggestion import Suggestion

_SuggestionKey = tuple[str, int | None, int | None, bool]


def select_savings(images: Iterable[ImageReport]) -> tuple[Saving, ...]:
    """Select the suggestions with the largest sum of which no two overlap, the largest first.

    Two overlap if they are about the same lines of a Dockerfile for the same platform. A rewritten
    Dockerfile overlaps everything in it. Images of several stages of one Dockerfile share lines.
    """
    by_dockerfile: defaultdict[tuple[str, str | None], dict[_SuggestionKey, Saving]] = defaultdict(
        dict
    )
    for image in images:
        candidates = by_dockerfile[image.spec.dockerfile, image.spec.platform]
        for suggestion in image.suggestions:
            _add_candidate(candidates, image, suggestion)
    selected = [x for group in by_dockerfile.values() for x in _select(list(group.values()))]
    return tuple(sorted(selected, key=_sort_key))


def _add_candidate(
    candidates: dict[_SuggestionKey, Saving], image: ImageReport, suggestion: Suggestion
) -> None:
    """Add a suggestion; one that several images have counts where it saves most."""
    size = suggestion.saving_bytes or 0
    is_rewrite = suggestion.dockerfile is not None
    key = (suggestion.rule, suggestion.line_start, suggestion.line_end, is_rewrite)
    if size > max(0, candidates[key].bytes if key in candidates else 0):
        candidates[key] = Saving(image.identity, suggestion, size)


def _select(candidates: Sequence[Saving]) -> Sequence[Saving]:
    """Select the best of the rewrites, or else the best disjoint changes of lines."""
    whole = [saving for saving in candidates if saving.suggestion.covers_file]
    parts = _select_disjoint([saving for saving in candidates if saving not in whole])
    alternatives: list[Sequence[Saving]] = [parts, *([saving] for saving in whole)]
    return max(alternatives, key=_add_up)


def _select_disjoint(candidates: Sequence[Saving]) -> Sequence[Saving]:
    """Solve the weighted interval scheduling problem, with lines for times."""
    ordered = sorted(candidates, key=lambda saving: saving.suggestion.lines[1])
    ends = [saving.suggestion.lines[1] for saving in ordered]
    best: list[list[Saving]] = [[]]
    for position, saving in enumerate(ordered):
        # The number of changes that end before this one begins.
        compatible = bisect_left(ends, saving.suggestion.lines[0], hi=position)
        best.append(max(best[-1], [*best[compatible], saving], key=_add_up))
    return best[-1]


def _add_up(savings: Sequence[Saving]) -> int:
    return sum(saving.bytes for saving in savings)


def _sort_key(saving: Saving) -> tuple[int, str, str]:
    return -saving.bytes, saving.image.name, saving.suggestion.rule
