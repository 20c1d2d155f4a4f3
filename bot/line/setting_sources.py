"""The files of a repository in which variables of a program stand.

They are a compose file, an example of `.env` and a file for a host of applications, all of the
commit that the Dockerfile is of. Nothing is read that only this machine has.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from bot.dockerfile.build_context import BuildContext
from bot.model.spec import ImageSpec
from bot.project.compose_file import resolve_path
from bot.project.env_file import EXAMPLE_NAMES, parse_env_file
from bot.project.platform_variables import PLATFORM_FILES
from bot.project.service_variables import COMPOSE_NAMES, find_service_variables

# Names that may also stand for this machine's own files are read only where the build gets them.
_PRIVATE_SUFFIXES = (".env", ".local")

Group = tuple[str, Mapping[str, str]]  # what names variables, and their values


@dataclass(frozen=True)
class SettingSources:
    """The files of a repository in which settings of an image stand."""

    context: BuildContext
    spec: ImageSpec
    _groups: list[Group] = field(default_factory=list)

    def list_groups(self) -> list[Group]:
        """List the variables of each file; a later one changes those of an earlier one."""
        if not self._groups:
            top = PurePosixPath(self.context.repository_folder)
            for path, suffix, values in self._read_groups():
                shown = str(PurePosixPath(path).relative_to(top))
                self._groups.append((f"{shown}{suffix}", values))
        return self._groups

    def _read_groups(self) -> Iterator[tuple[str, str, Mapping[str, str]]]:
        """Yield the path of each file, what of it is meant, and the variables."""
        for readers in (PLATFORM_FILES, dict.fromkeys(EXAMPLE_NAMES, parse_env_file)):
            for path, text in self._read_first(tuple(readers)):
                yield path, "", readers[PurePosixPath(path).name](text)
        for path, text in self._read_first(COMPOSE_NAMES):
            yield from self._read_service(path, text)

    def _read_first(self, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        """Yield the first file of these names that has a text, from the inner folder outwards."""
        for folder in self._folders:
            for name in names:
                path = str(PurePosixPath(folder, name))
                if text := self.context.read_repository_text(path):
                    yield path, text
                    return

    @property
    def _folders(self) -> list[str]:
        starts = [self.spec.context, str(PurePosixPath(self.spec.dockerfile).parent)]
        top = self.context.repository_folder
        return [x for x in _list_folders(starts) if PurePosixPath(x).is_relative_to(top)]

    def _read_service(self, path: str, text: str) -> Iterator[tuple[str, str, Mapping[str, str]]]:
        service = find_service_variables(text, path, self.spec.dockerfile, self.spec.context)
        for file in service.files if service else ():
            is_private = file.endswith(_PRIVATE_SUFFIXES) and not self._is_sent(file)
            if not is_private and (variables := self.context.read_repository_text(file)):
                yield file, "", parse_env_file(variables)
        if service:
            yield path, f", service {service.service}", service.variables

    def _is_sent(self, path: str) -> bool:
        """Return True for a file that the build gets in any case."""
        context = PurePosixPath(resolve_path(".", self.spec.context) or ".")
        posix = PurePosixPath(path)
        return posix.is_relative_to(context) and (
            str(posix.relative_to(context)) in self.context.file_sizes
        )


def list_setting_paths(folders: Iterable[str]) -> Iterator[str]:
    """Yield the paths at which settings may stand of an image that is built from folders."""
    names = (*PLATFORM_FILES, *EXAMPLE_NAMES, *COMPOSE_NAMES)
    for folder in _list_folders(folders):
        yield from (str(PurePosixPath(folder, name)) for name in names)


def _list_folders(starts: Iterable[str]) -> list[str]:
    """List folders of the repository and those above them, the innermost first."""
    inner = [resolve_path(".", start) for start in starts]
    folders = {
        str(folder)
        for start in inner
        if start is not None
        for folder in (PurePosixPath(start), *PurePosixPath(start).parents)
    }
    return sorted(folders, key=lambda folder: (-len(PurePosixPath(folder).parts), folder))


NO_SOURCES = SettingSources(BuildContext(), ImageSpec("", "Dockerfile", "."))
