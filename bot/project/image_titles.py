"""The names that people see for the images of a report.

A name that somebody gave is shown as it is. An image that is called by its Dockerfile's path is
shown by the folder, with as much of the path as distinguishes it from the others.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from pathlib import PurePosixPath

from bot.model.spec import ImageSpec
from bot.project.image_plan import PlannedImage

_TOP = PurePosixPath(".")
# Of several Dockerfiles in a folder, the first of these is the folder's own.
PLAIN_NAMES = ("Dockerfile", "Containerfile")
# A report of somebody else may have any path; what is longer is shown as a whole.
_MAX_PARTS = 32


def title_specs(specs: Sequence[ImageSpec], repository_name: str) -> tuple[ImageSpec, ...]:
    """Return all images of a report with titles; one image's platforms have the same."""
    given_names = {spec.name for spec in specs if not _is_called_by_path(spec)}
    folders = {PurePosixPath(x.dockerfile).parent for x in specs if x.name not in given_names}
    folder_titles = _title_folders(folders, given_names, repository_name)
    titles = _title_dockerfiles({spec.dockerfile for spec in specs}, folder_titles)
    title_by_name = {
        spec.name: titles[PurePosixPath(spec.dockerfile)] + _find_target_suffix(spec)
        for spec in specs
        if spec.name not in given_names
    }
    unique = _make_unique(title_by_name, given_names)
    return tuple(replace(spec, title=unique.get(spec.name) or spec.name) for spec in specs)


def add_titles(planned: Sequence[PlannedImage], repository_name: str) -> tuple[PlannedImage, ...]:
    """Return the plan of a report with titles."""
    specs = title_specs([image.spec for image in planned], repository_name)
    # On both sides: progress lines name the image of either.
    return tuple(
        replace(
            image,
            base=image.base and replace(image.base, title=spec.title),
            head=image.head and replace(image.head, title=spec.title),
        )
        for image, spec in zip(planned, specs, strict=True)
    )


def _make_unique(title_by_name: Mapping[str, str], given_names: Set[str]) -> Mapping[str, str]:
    """Return the titles with names, which are unique, in place of those that are not.

    A folder may have the name of a Dockerfile, so that a name is another one's title.
    """
    titles, is_unique = dict(title_by_name), False
    # A name in place of a title may in turn be the title of another image.
    while not is_unique:
        counts = Counter((*titles.values(), *given_names))
        names = {x: x for x, title in titles.items() if counts[title] > 1 and title != x}
        titles, is_unique = {**titles, **names}, not names
    return titles


def _is_called_by_path(spec: ImageSpec) -> bool:
    path = spec.name.removeprefix("./").removesuffix(_find_target_suffix(spec))
    return bool(path) and path == spec.dockerfile


def _find_target_suffix(spec: ImageSpec) -> str:
    """Return the part of a name that is the target; empty if the name has none."""
    suffix = f":{spec.target}" if spec.target else ""
    return suffix if suffix and spec.name.endswith(suffix) else ""


def _title_dockerfiles(
    dockerfiles: Iterable[str], folder_titles: Mapping[PurePosixPath, str]
) -> dict[PurePosixPath, str]:
    """Return the title of each Dockerfile in the folders, which may have several."""
    names_by_folder: dict[PurePosixPath, list[str]] = {}
    for path in map(PurePosixPath, sorted(dockerfiles)):
        names_by_folder.setdefault(path.parent, []).append(path.name)
    return {
        folder / name: title
        for folder, folder_title in folder_titles.items()
        for name, title in _title_files(folder, names_by_folder.get(folder, []), folder_title)
    }


def _title_files(
    folder: PurePosixPath, names: Sequence[str], folder_title: str
) -> Iterator[tuple[str, str]]:
    """Yield the Dockerfiles of a folder with their titles: of one of them it is the folder's."""
    plain = [name for name in PLAIN_NAMES if name in names]
    own = names[0] if len(names) == 1 else next(iter(plain), None)
    for name in names:
        path = name if folder == _TOP else f"{folder_title}/{name}"
        yield name, (folder_title or path) if name == own else path


def _title_folders(
    folders: Set[PurePosixPath], given_names: Set[str], repository_name: str
) -> dict[PurePosixPath, str]:
    """Return the shortest end of each folder that no other has; at the top the repository.

    That is empty if it has no name, or that of something else.
    """
    is_taken = repository_name in given_names or PurePosixPath(repository_name) in folders
    titles = {_TOP: "" if is_taken else repository_name}
    counts = Counter(end for folder in folders for end in _list_ends(folder))
    taken_titles = given_names | {titles[_TOP]} if _TOP in folders else given_names
    for folder in folders - {_TOP}:
        ends = (end for end in _list_ends(folder) if counts[end] == 1 and end not in taken_titles)
        titles[folder] = next(ends, str(folder))
    return titles


def _list_ends(folder: PurePosixPath) -> list[str]:
    """Return the ends of a path, the shortest first; none for the top."""
    parts = folder.parts
    return ["/".join(parts[-count:]) for count in range(1, min(len(parts), _MAX_PARTS) + 1)]
