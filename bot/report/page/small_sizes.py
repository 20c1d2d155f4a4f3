"""The size below which a short text only counts what a longer one lists."""

_MIN_BYTES = 100_000
_MIN_SHARE_DIVISOR = 100  # a hundredth of the image


def is_small(size: int, image_size: int) -> bool:
    """Return True for less than 100 kB and less than 1 % of an image; sizes in bytes."""
    return abs(size) < _MIN_BYTES and abs(size) * _MIN_SHARE_DIVISOR < image_size
