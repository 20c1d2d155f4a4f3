"""The error for a name that selects no image, with the nearest one that there is."""

import difflib
from collections.abc import Sequence

from bot.errors import InputError
from bot.model.spec import ImageSpec
from bot.project.image_plan import list_selectors

_MAX_LISTED = 20


def make_unknown_image_error(names: Sequence[str], specs: Sequence[ImageSpec]) -> InputError:
    """Return the error for names that no image has."""
    existing = list(dict.fromkeys(spec.name for spec in specs))
    shown = ", ".join(map(repr, existing[:_MAX_LISTED])) or "none"
    rest = len(existing) - _MAX_LISTED
    others = f" and {rest} others" if rest > 0 else ""
    texts = sorted({text for spec in specs for text in list_selectors(spec)})
    nearest = dict.fromkeys(
        text for name in names for text in difflib.get_close_matches(name, texts, n=1, cutoff=0.5)
    )
    hint = f"; the nearest is {', '.join(map(repr, nearest))}" if nearest else ""
    return InputError(
        f"No image is called {', '.join(map(repr, names))}.",
        f"the images of these revisions are: {shown}{others}",
        f"check the name{hint}",
    )
