"""The places where limits are set: an option, an input of the action, or a configuration file."""

from dataclasses import dataclass
from enum import Enum, auto

from bot.model.comparison import BaseOrHead
from bot.model.report import Check, ImageReport, Report
from bot.report.page.base_names import name_branch
from bot.report.page.page_model import Phrase, Untrusted

CONFIG_PATH = ".github/image-size.yml"


class PlaceKind(Enum):
    """The form in which a limit is written."""

    OPTION = auto()
    INPUT = auto()
    FILE = auto()


@dataclass(frozen=True, slots=True)
class LimitPlace:
    """A place with the words for it, which follow the limit."""

    kind: PlaceKind
    location: Phrase


def find_place(report: Report, image: ImageReport, check: Check) -> LimitPlace:
    """Return the place where a limit is set."""
    if f"--{check.name}" in report.limit_options:
        return LimitPlace(PlaceKind.OPTION, ())
    if check.name in report.limit_options:
        return LimitPlace(PlaceKind.INPUT, (" in the inputs of this action",))
    if "--config" in report.limit_options:
        return LimitPlace(PlaceKind.FILE, (" in the file of ", Untrusted("--config")))
    file: Phrase = (" in ", Untrusted(report.config_path or CONFIG_PATH, 100))
    is_bases = image.base_budget is not None and check.source is not BaseOrHead.HEAD
    if report.base is None or not is_bases:
        return LimitPlace(PlaceKind.FILE, file)
    branch = name_branch(report.base.ref)
    words: Phrase = (", in a separate pull request to ", branch, " that is merged first")
    return LimitPlace(PlaceKind.FILE, (*file, *words))
