"""The images of a report by their entry in the configuration, which may have several platforms."""

from collections.abc import Sequence

from bot.model.report import ImageReport
from bot.model.sizes import format_count
from bot.report.page import image_facts
from bot.report.page.page_model import Phrase, Untrusted


def list_entries(images: Sequence[ImageReport]) -> list[list[ImageReport]]:
    """Return the platforms of each image together, in the order of the first of them."""
    entries: dict[tuple[str, str], list[ImageReport]] = {}
    for image in images:
        entries.setdefault(image_facts.identify_entry(image), []).append(image)
    return list(entries.values())


def count_images(images: Sequence[ImageReport]) -> Phrase:
    """Return `3 images`, `3 images on 2 platforms`, or the only one: `api` on 2 platforms."""
    entries = list_entries(images)
    numbers = {len(platforms) for platforms in entries}
    platforms = f" on {numbers.pop()} platforms" if len(numbers) == 1 and numbers != {1} else ""
    if len(entries) == 1:
        return (image_facts.name_entry(images[0]), platforms)
    return (f"{format_count(len(entries), 'image')}{platforms}",)


def name_images(images: Sequence[ImageReport]) -> list[Untrusted]:
    """Return a name for each image, without a platform where there are several."""
    return [name_platforms(platforms) for platforms in list_entries(images)]


def name_platforms(platforms: Sequence[ImageReport]) -> Untrusted:
    """Return the name of one or more platforms of an image."""
    first = platforms[0]
    return image_facts.name_entry(first) if len(platforms) > 1 else image_facts.label(first)
