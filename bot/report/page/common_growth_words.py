"""Growth that many images have in common, in words: how much, why, and what to do, said once."""

from dataclasses import replace

from bot.model.report import ImageReport
from bot.model.sizes import format_count, format_size_range
from bot.report.page import image_facts
from bot.report.page.causes import describe_row, explain_row
from bot.report.page.common_growth import CommonGrowth, list_causes
from bot.report.page.earlier_state import describe_earlier_state
from bot.report.page.owner_names import find_main_file, list_main_owners, name_owners
from bot.report.page.page_model import Phrase, Untrusted, join_phrases
from bot.report.page.several_platforms import count_images, list_entries, name_platforms

_MAX_NAMED = 2


def describe_common_growth(common: CommonGrowth, part: Phrase = (), limits: Phrase = ()) -> Phrase:
    """Say by how much all grew, and which of them by more; `limits` follow the cause.

    `part` says how many of them the sentence is about: `20 of `.
    """
    size = format_size_range(common.growths)
    grew = f" that grew by {size} each" if part else f" grew by {size} each"
    summary: Phrase = (*part, *count_images(common.images), grew)
    file: Phrase = (": ", Untrusted(common.cause.file, 120)) if common.cause.file else ()
    exceptions = _list_exceptions(common)
    listed = ("; ", *join_phrases(exceptions, ", ", " and ")) if exceptions else ()
    return (*summary, *file, *limits, *listed)


def _list_exceptions(common: CommonGrowth) -> list[Phrase]:
    larger = list_entries(common.larger_images)
    exceptions: list[Phrase] = []
    for platforms in larger[:_MAX_NAMED]:
        size = format_size_range([common.get_rest(image) for image in platforms])
        exceptions.append((name_platforms(platforms), f" by {size} more"))
    rest = len(larger) - _MAX_NAMED
    return [*exceptions, (f"{format_count(rest, 'image')} by more",)] if rest > 0 else exceptions


def explain_common_growth(common: CommonGrowth) -> Phrase:
    """Name the row that all have, and what else made one of them grow."""
    is_one = len(list_entries(common.images)) == 1
    start = "on each platform, " if is_one else "in each, "
    cause: Phrase = (start, *_explain_common_row(common))
    for image in common.larger_images[:1]:
        cause += _explain_exception(common, image)
    states = {describe_earlier_state(image) for image in common.images}
    return (*cause, *(states.pop() if is_one and len(states) == 1 else ()))


def _explain_exception(common: CommonGrowth, image: ImageReport) -> Phrase:
    others = [row for row in list_causes(image).values() if row not in common.rows]
    row = max(others, key=lambda row: row.delta_bytes, default=None)
    return ("; in ", image_facts.label(image), ", ", *explain_row(row, image)) if row else ()


def _explain_common_row(common: CommonGrowth) -> Phrase:
    """Say what the row adds, with sizes only where they are the same in all images."""
    row, image = common.rows[0], common.images[0]
    if len({(other.line_start, other.line_end) for other in common.rows}) > 1:
        row = replace(row, line_start=None, line_end=None)
    if all(other.owners == row.owners for other in common.rows):
        return explain_row(row, image)
    size = format_size_range([other.delta_bytes for other in common.rows])
    return (*describe_row(row, image), f" adds {size}", *_describe_contents(common))


def _describe_contents(common: CommonGrowth) -> Phrase:
    if not common.cause.file:
        return (", most of it ", *name_owners(list_main_owners(common.rows[0])))
    files = [
        find_main_file(row, image.comparison.file_changes)
        for image, row in zip(common.images, common.rows, strict=True)
    ]
    sizes = [file.bytes if file else 0 for file in files]
    amount = "all" if sizes == [row.delta_bytes for row in common.rows] else "nearly all"
    return (f", {amount} of it ", Untrusted(common.cause.file, 120))


def suggest_for_common_growth(common: CommonGrowth) -> Phrase:
    """Say what to make smaller, or where to look in one of the images."""
    row, image = common.rows[0], common.images[0]
    lines = image_facts.format_lines(row.line_start, row.line_end)
    where: Phrase = (f"{lines} of " if lines else "", Untrusted(image.spec.dockerfile, 120))
    if not common.cause.file:
        return ("look at ", *where)
    return ("make ", Untrusted(common.cause.file, 120), " smaller or leave it out: ", *where)
