"""The images that `--image` and the input `images` select: by name, Dockerfile, folder or glob."""

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from bot.model.spec import ImageSpec
from bot.project.globs import Glob, is_glob


class ImageSelector:
    """The selectors of a caller, and the images among which they are understood.

    A selector that is the name of an image does not mean others of the same Dockerfile. `specs`
    must not be what a change can set: it could name an image as the selector of another one.
    """

    def __init__(self, selectors: Iterable[str], specs: Iterable[ImageSpec]) -> None:
        self._selectors = frozenset(selectors)
        self._texts = {normalize_selector(text) for text in self._selectors}
        self._globs = [Glob(text) for text in self._texts if is_glob(text)]
        self._names: dict[str, set[str]] = {}
        for spec in specs:
            if spec.name in self._selectors:
                name = normalize_selector(spec.name)
                self._names.setdefault(spec.dockerfile, set()).add(name)

    def selects(self, spec: ImageSpec) -> bool:
        """Return True for an image that is selected."""
        if spec.name in self._selectors:
            return True
        texts = list_selectors(spec)
        names = self._names.get(spec.dockerfile, set())
        return bool(self._texts & texts - names) or any(
            glob.matches(text) for glob in self._globs for text in texts
        )


def select_images(specs: Sequence[ImageSpec], selectors: Sequence[str]) -> tuple[ImageSpec, ...]:
    """Return the images selected by name, Dockerfile, folder or glob; all without selectors."""
    if not selectors:
        return tuple(specs)
    selector = ImageSelector(selectors, specs)
    return tuple(filter(selector.selects, specs))


def normalize_selector(text: str) -> str:
    """Return a selector in the form that paths have."""
    return text.removeprefix("./").rstrip("/") or "."


def list_selectors(spec: ImageSpec) -> set[str]:
    """Return the texts that select an image: its names, its Dockerfile and its folders.

    The Dockerfile's folder counts by its last parts, too: `billing` for `services/billing`.
    """
    return {spec.name, spec.shown_name, spec.context, *list_path_selectors(spec.dockerfile)}


def list_path_selectors(dockerfile: str) -> set[str]:
    """Return the texts that select a Dockerfile by its path."""
    parts = PurePosixPath(dockerfile).parent.parts
    endings = {"/".join(parts[number:]) for number in range(len(parts))}
    return {dockerfile, *(endings or {"."})}
