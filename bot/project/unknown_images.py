"""The error for a name that selects no image, with the nearest one that there is."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.errors import InputError
from bot.model.sizes import format_names
from bot.model.spec import ImageSpec
from bot.project.globs import Glob, is_glob
from bot.project.image_selector import list_selectors, normalize_selector

_MAX_LISTED = 20
_MAX_LEFT_OUT = 5
_LEAST_SIMILARITY = 0.5


@dataclass(frozen=True, slots=True)
class UnreviewedImage:
    """A Dockerfile or a build that is not reviewed; `selectors` are the texts that mean it."""

    dockerfile: str
    description: str
    selectors: frozenset[str]


def make_unknown_image_error(
    names: Sequence[str], specs: Sequence[ImageSpec], unreviewed: Iterable[UnreviewedImage] = ()
) -> InputError:
    """Return the error for names that no image has; those of unreviewed ones come first."""
    pairs = [(x, name) for x in unreviewed for name in names if _is_selected(x, name)]
    if pairs:
        return _make_unreviewed_error(
            list(dict.fromkeys(name for _, name in pairs)), [image for image, _ in pairs]
        )
    existing = [repr(name) for name in dict.fromkeys(spec.name for spec in specs)]
    shown = format_names(existing, _MAX_LISTED) or "none"
    nearest = dict.fromkeys(_find_nearest(names, specs))
    hint = f"; the nearest is {', '.join(map(repr, nearest))}" if nearest else ""
    return InputError(
        f"No image is called {', '.join(map(repr, names))}.",
        f"the images of these revisions are: {shown}",
        f"check the name{hint}; `image-size-review images` lists all",
    )


def _make_unreviewed_error(names: Sequence[str], images: Sequence[UnreviewedImage]) -> InputError:
    reasons = "; ".join(image.description for image in images[:_MAX_LEFT_OUT])
    unlisted = len(images) - _MAX_LEFT_OUT
    ending = f"; {unlisted} more are not reviewed either" if unlisted > 0 else ""
    path = images[0].dockerfile
    entry = f"an entry under `images:` in .github/image-size.yml (- dockerfile: {path})"
    return InputError(
        f"The image {', '.join(map(repr, names))} is not reviewed.",
        f"{reasons}{ending}",
        f"add {entry}, or name the file here with --dockerfile (the input dockerfile)"
        if path
        else "add its Dockerfile under `images:` in .github/image-size.yml",
    )


def _is_selected(image: UnreviewedImage, name: str) -> bool:
    text = normalize_selector(name)
    if text in image.selectors:
        return True
    return is_glob(text) and any(map(Glob(text).matches, image.selectors))


def _find_nearest(names: Sequence[str], specs: Sequence[ImageSpec]) -> Iterable[str]:
    """Yield the text nearest to each name that selects an image, in upper or lower case."""
    texts = {text.lower(): text for spec in specs for text in sorted(list_selectors(spec))}
    for name in names:
        close = difflib.get_close_matches(
            name.lower(), sorted(texts), n=1, cutoff=_LEAST_SIMILARITY
        )
        yield from (texts[text] for text in close)
