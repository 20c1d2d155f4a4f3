"""The size below which a short text only counts what a longer one lists."""

from bot.model.report import ImageReport
from bot.model.suggestion import Suggestion

_MIN_BYTES = 100_000
_MIN_SHARE_DIVISOR = 100  # a hundredth of the image


def is_small(size: int, image_size: int) -> bool:
    """Return True for less than 100 kB and less than 1 % of an image; sizes in bytes."""
    return abs(size) < _MIN_BYTES and abs(size) * _MIN_SHARE_DIVISOR < image_size


def is_worth_saying(image: ImageReport, suggestion: Suggestion) -> bool:
    """Return True for a suggestion with a saving that is not small for its image."""
    head, saving = image.comparison.head, suggestion.saving_bytes
    return bool(saving) and (head is None or not is_small(saving or 0, head.unpacked_bytes))
