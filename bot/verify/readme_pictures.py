"""Pictures that the page of a project shows: they lie beside it, and it names them."""

import posixpath
import re

from bot.image.open_image import OpenImage

_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp)$", re.IGNORECASE)
_PAGE_NAMES = ("README.md", "readme.md", "Readme.md", "README", "README.rst", "README.adoc")


def is_readme_picture(image: OpenImage, path: str) -> bool:
    """Return True for a picture that the README in its folder names."""
    if not _PICTURE.search(path):
        return False
    folder, name = posixpath.split(path)
    pages = (posixpath.join(folder, page) for page in _PAGE_NAMES)
    return any(name in image.read_text(page) for page in pages if page in image.tree)
