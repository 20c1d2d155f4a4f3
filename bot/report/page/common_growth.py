"""Growth that many images have in common: a line, and the file or packages that it adds.

The sizes may differ a little: base's file was not the same in each, or a line adds something else.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.model.comparison import Attribution
from bot.model.metric import Metric
from bot.model.report import ImageReport, Outcome
from bot.report.page import image_facts
from bot.report.page.image_facts import growth
from bot.report.page.owner_names import find_main_file, list_main_owners
from bot.report.page.pull_causes import explain_pull_excess
from bot.report.page.several_platforms import list_entries

MIN_ALIKE = 3
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

    First of all come those with the worst verdict: `alike` of them. `others` have this verdict, and
    no such row.
    """

    cause: CommonCause
    images: tuple[ImageReport, ...]
    rows: tuple[Attribution, ...]
    alike: int
    others: tuple[ImageReport, ...]

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
    """Return what most of the images with the verdict of the first have in common with it.

    The platforms of an image are one; if there is nothing else, that is what they have in common.
    """
    # A warning has a reason of its own, which its headline says.
    if not images or images[0].verdict is Outcome.WARN:
        return None
    grown = [image for image in images if _is_about_growth(image)]
    if not grown or grown[0] is not images[0]:
        return None
    members = _find_members(grown, images) or _find_members(*[list_entries(grown)[0]] * 2)
    return _make_common_growth(members, images) if members else None


def _find_members(grown: Sequence[ImageReport], images: Sequence[ImageReport]) -> list[_Member]:
    """Return the images with the largest cause that most of some images have; empty without one."""
    causes = [(image, list_causes(image)) for image in grown]
    groups = [_list_members(cause, causes) for cause in list_causes(images[0])]
    groups = [group for group in groups if _is_common(group, images)]
    return max(groups, key=lambda group: group[0][1].delta_bytes, default=[])


def _make_common_growth(members: Sequence[_Member], images: Sequence[ImageReport]) -> CommonGrowth:
    verdict = images[0].verdict
    identities = {image.identity for image, _ in members}
    ordered = sorted(
        members, key=lambda member: (member[0].verdict is not verdict, growth(member[0]) or 0)
    )
    return CommonGrowth(
        _find_cause(members[0][1], members[0][0]),
        tuple(image for image, _ in ordered),
        tuple(row for _, row in ordered),
        sum(image.verdict is verdict for image, _ in members),
        tuple(x for x in images if x.verdict is verdict and x.identity not in identities),
    )


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
    worst = [image for image in images if image.verdict is images[0].verdict]
    alike = [image for image, _ in members if image.verdict is images[0].verdict]
    plain = [image for image, row in members if _is_main(row, image)]
    is_one = len(list_entries(images)) == 1
    is_enough = len(alike) > 1 if is_one else len(list_entries(alike)) >= MIN_ALIKE
    return is_enough and 2 * len(alike) > len(worst) and 2 * len(plain) > len(members)


def _is_main(row: Attribution, image: ImageReport) -> bool:
    """Return True if a row is four fifths of an image's growth, or more."""
    return row.delta_bytes * _MOST >= (growth(image) or 0) * (_MOST - 1)
