"""The paths that a commit changes, held against what an image can be built of.

Most commits of a large repository are of other images, and need no plan.
"""

from collections.abc import Iterable

from bot.model.spec import ContextSource, ImageSpec
from bot.project.config_file import CONFIG_PATHS
from bot.project.image_plan import list_context_folders

_DECLARING_SUFFIXES = (".yml", ".yaml", ".hcl", ".json", ".env")
_EVERYWHERE = (".gitattributes", ".gitmodules")
_FILE_SOURCES = (ContextSource.COMPOSE, ContextSource.BAKE)


def concerns_image(
    paths: Iterable[str], spec: ImageSpec, config_path: str | None, *, has_own_base: bool
) -> bool:
    """Return False if changes of these paths alone leave what an image is built of as it is.

    True in doubt: if the context was inferred, if commands run before the build, or if an image of
    the repository is the base image.
    """
    # A guess at the context is made from all files, and another one may change it.
    if spec.needs.preparation or has_own_base or spec.is_context_open:
        return True
    if spec.context_source is ContextSource.INFERRED:
        return True
    folders = (spec.context, *list_context_folders(spec))
    configs = (config_path,) if config_path else CONFIG_PATHS
    return any(_concerns(path, spec, folders, configs) for path in paths)


def _concerns(
    path: str, spec: ImageSpec, folders: tuple[str, ...], configs: tuple[str, ...]
) -> bool:
    if path in (spec.dockerfile, f"{spec.dockerfile}.dockerignore"):
        return True
    if any(folder == "." or path.startswith(f"{folder}/") for folder in folders):
        return True
    name = path.rpartition("/")[2]
    if name in _EVERYWHERE or any(x == path or x.startswith(f"{path}/") for x in configs):
        return True
    # A folder on the way may become a link, and a link is a file for git.
    if any(x == path or x.startswith(f"{path}/") for x in (spec.dockerfile, *folders)):
        return True
    return _may_declare(path, spec)


def _may_declare(path: str, spec: ImageSpec) -> bool:
    """Return True for a file that may declare builds: at the top, or anywhere if one does."""
    is_read = "/" not in path or spec.context_source in _FILE_SOURCES
    return is_read and path.endswith(_DECLARING_SUFFIXES)
