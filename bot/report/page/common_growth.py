"""Growth that many images have in common: a line, and the file or packages that it adds, said once.

The sizes may differ a little: base's file was not the same in each, or a line adds something else.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.model.comparison import Attribution
from bot.model.metric import Metric
from bot.model.report import ImageReport, Outcome
from bot.model.sizes import format_count, format_size, format_size_range
from bot.report.page import image_facts
from bot.report.page.causes import describe_row, explain_row
from bot.report.page.image_facts import growth
from bot.report.page.owner_names import find_main_file, list_main_owners, name_owners
from bot.report.page.page_model import Phrase, Untrusted, join_phrases
from bot.report.page.pull_causes import explain_pull_excess

_MIN_IMAGES = 3
_MAX_NAMED = 2
_MAX_SPREAD = 1.5  # of the largest size to the smallest that is alike
_MOST = 5  # all but a fifth

_Member = tuple[ImageReport, Attribution]


@dataclass(frozen=True, slots=True)
class CommonCause:
    """An instruction, and what it adds: one file, or otherwise packages or folders by their names.

    It is the same in other images, whose sizes may differ.
    """

    text: str
    file: str = ""
    owners: frozenset[tuple[str | None, ...]] = frozenset()


@dataclass(frozen=True)
class CommonGrowth:
    """The images that have one row of growth in common, those that grew by nothing else first.

    First of all come those with the worst verdict: `alike` of them. `others` counts the images with
    this verdict that have no such row.
    """

    cause: CommonCause
    images: tuple[ImageReport, ...]
    rows: tuple[Attribution, ...]
    alike: int
    others: int

    @property
    def is_of_one_verdict(self) -> bool:
        """True if all images have the worst verdict."""
        return self.alike == len(self.images)

    @property
    def larger_images(self) -> list[ImageReport]:
        """Return the images that grew by other rows as well, the largest growth first."""
        images = [image for image, row in self._members if not _is_main(row, image)]
        return sorted(images, key=lambda image: -(growth(image) or 0))

    @property
    def growths(self) -> list[int]:
        """Return the bytes by which each image grew that has no other rows worth saying."""
        return [growth(image) or 0 for image, row in self._members if _is_main(row, image)]

    def get_rest(self, image: ImageReport) -> int:
        """Return the bytes by which an image grew beside its row."""
        row = next(row for member, row in self._members if member is image)
        return (growth(image) or 0) - row.delta_bytes

    @property
    def _members(self) -> Iterator[_Member]:
        return zip(self.images, self.rows, strict=True)


def find_common_growth(images: Sequence[ImageReport]) -> CommonGrowth | None:
    """Return what most of the images with the verdict of the first have in common with it."""
    # A warning has a reason of its own, which its headline says.
    if not images or images[0].verdict is Outcome.WARN:
        return None
    grown = [image for image in images if _is_about_growth(image)]
    if images[0] not in grown or len(grown) < _MIN_IMAGES:
        return None
    causes = [(image, list_causes(image)) for image in grown]
    groups = [(cause, _list_members(cause, causes)) for cause in list_causes(images[0])]
    groups = [group for group in groups if _is_common(group[1], images)]
    if not groups:
        return None
    cause, members = max(groups, key=lambda group: group[1][0][1].delta_bytes)
    alike = [image for image, _ in members if image.verdict is images[0].verdict]
    members.sort(key=lambda member: growth(member[0]) or 0)
    members.sort(key=lambda member: member[0] not in alike)
    return CommonGrowth(
        cause,
        tuple(image for image, _ in members),
        tuple(row for _, row in members),
        len(alike),
        _count_alike(images) - len(alike),
    )


def describe_common_growth(common: CommonGrowth, note: Phrase = ()) -> Phrase:
    """Say by how much all grew, and which of them by more; `note` follows the cause."""
    larger = common.larger_images
    exceptions: list[Phrase] = [
        (image_facts.label(image), f" by {format_size(common.get_rest(image))} more")
        for image in larger[:_MAX_NAMED]
    ]
    if len(larger) > _MAX_NAMED:
        exceptions.append((f"{format_count(len(larger) - _MAX_NAMED, 'image')} by more",))
    size = format_size_range(common.growths)
    summary = f"{format_count(len(common.images), 'image')} grew by {size} each"
    file: Phrase = (": ", Untrusted(common.cause.file, 120)) if common.cause.file else ()
    listed = ("; ", *join_phrases(exceptions, ", ", " and ")) if exceptions else ()
    return (summary, *file, *note, *listed)


def explain_common_growth(common: CommonGrowth) -> Phrase:
    """Name the row that all have, and what else made one of them grow."""
    cause: Phrase = ("in each, ", *_explain_common_row(common))
    for image in common.larger_images[:1]:
        others = [row for row in list_causes(image).values() if row not in common.rows]
        row = max(others, key=lambda row: row.delta_bytes, default=None)
        cause += ("; in ", image_facts.label(image), ", ", *explain_row(row, image)) if row else ()
    return cause


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


def list_causes(image: ImageReport) -> dict[CommonCause, Attribution]:
    """Return the rows that grew by no more than the image, by what is the same in other images."""
    total, rows = growth(image) or 0, dict[CommonCause, Attribution]()
    for row in image.comparison.attribution:
        if 0 < row.delta_bytes <= total:
            rows.setdefault(_find_cause(row, image), row)
    return rows


def are_alike(size: int, other: int) -> bool:
    """Return True if sizes with one cause differ so little that their range says enough."""
    return max(size, other) <= _MAX_SPREAD * min(size, other)


def _find_cause(row: Attribution, image: ImageReport) -> CommonCause:
    file = find_main_file(row, image.comparison.file_changes)
    if file:
        return CommonCause(row.text, file=file.path)
    owners = [(x.name, x.base_version, x.head_version) for x in list_main_owners(row)]
    return CommonCause(row.text, owners=frozenset(owners))


def _is_about_growth(image: ImageReport) -> bool:
    """Return True if an image grew, and only its growth on disk is what there is to say."""
    is_on_disk = image_facts.find_metric(image) is Metric.UNPACKED
    checks = image_facts.deciding_checks(image) if image.verdict is Outcome.FAIL else []
    is_decided = all(check.is_about_growth for check in checks)
    is_grown = is_on_disk and (growth(image) or 0) > 0
    return is_grown and is_decided and not explain_pull_excess(image)


def _list_members(
    cause: CommonCause, causes: Sequence[tuple[ImageReport, dict[CommonCause, Attribution]]]
) -> list[_Member]:
    """Return the most images with a cause whose sizes are alike, and like that of the first."""
    members = [(image, rows[cause]) for image, rows in causes if cause in rows]
    first = members[0][1].delta_bytes
    leasts = {row.delta_bytes for _, row in members if row.delta_bytes <= first}
    ranges = [
        [x for x in members if least <= x[1].delta_bytes and are_alike(least, x[1].delta_bytes)]
        for least in leasts
        if are_alike(least, first)
    ]
    return max(ranges, key=len)


def _is_common(members: Sequence[_Member], images: Sequence[ImageReport]) -> bool:
    """Return True if most of the worst images are members that, mostly, grew by little else."""
    alike = [image for image, _ in members if image.verdict is images[0].verdict]
    plain = [image for image, row in members if _is_main(row, image)]
    is_most = len(alike) >= _MIN_IMAGES and 2 * len(alike) > _count_alike(images)
    return is_most and 2 * len(plain) > len(members)


def _count_alike(images: Sequence[ImageReport]) -> int:
    return sum(image.verdict is images[0].verdict for image in images)


def _is_main(row: Attribution, image: ImageReport) -> bool:
    """Return True if a row is four fifths of an image's growth, or more."""
    return row.delta_bytes * _MOST >= (growth(image) or 0) * (_MOST - 1)
