"""The files of a repository in which variables of a program stand.

They are a compose file, an example of `.env` and a file for a host of applications, all of the
commit that the Dockerfile is of. Nothing is read that only this machine has.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from bot.dockerfile.build_context import BuildContext
from bot.model.spec import ImageSpec
from bot.project.compose_file import resolve_path
from bot.project.compose_services import ComposeFileServices, read_compose_services
from bot.project.compose_values import NO_REFERENCE_VALUES, ReferenceValues
from bot.project.env_file import EXAMPLE_NAMES, parse_env_file
from bot.project.platform_variables import PLATFORM_FILES
from bot.project.service_variables import COMPOSE_NAMES, find_service_variables
from bot.verify.setting_values import make_value

VARIABLE_FILE = ".env"
# Names that may also stand for this machine's own files are read only where the build gets them.
_PRIVATE_SUFFIXES = (VARIABLE_FILE, ".local")

Group = tuple[str, Mapping[str, str]]  # what names variables, and their values


@dataclass(frozen=True, slots=True)
class ComposeSettings:
    """The compose file of an image with its services; `name` is its path in the repository.

    `groups` are the variables of all files, with values for the references of this one.
    """

    name: str
    services: ComposeFileServices
    groups: Sequence[Group]


@dataclass(frozen=True)
class SettingSources:
    """The files of a repository in which settings of an image stand."""

    context: BuildContext
    spec: ImageSpec

    @cached_property
    def groups(self) -> Sequence[Group]:
        """The variables of each file; a later one changes those of an earlier one."""
        return self._make_groups(NO_REFERENCE_VALUES)

    @cached_property
    def compose_file(self) -> ComposeSettings:
        """The first compose file; without a name and services if there is none."""
        path, text = next(self._read_first(COMPOSE_NAMES), ("", ""))
        values = self._make_reference_values(str(PurePosixPath(path).parent))
        name = str(self._relate(path)) if path else ""
        services = read_compose_services(text, path, values)
        return ComposeSettings(name, services, self._make_groups(values))

    def _make_reference_values(self, folder: str) -> ReferenceValues:
        """Return the values of references in a compose file, as from the file `.env` beside it."""
        own = self.read_variable_file(str(PurePosixPath(folder, VARIABLE_FILE)))
        named = self.read_example(folder) if own is None else own
        return ReferenceValues({name: value for name, value in named.items() if value}, make_value)

    def _relate(self, path: str) -> PurePosixPath:
        """Return a path as of the top of the repository."""
        return PurePosixPath(path).relative_to(PurePosixPath(self.context.repository_folder))

    def _make_groups(self, values: ReferenceValues) -> list[Group]:
        return [
            (f"{self._relate(path)}{suffix}", variables)
            for path, suffix, variables in self._read_groups(values)
        ]

    def read_variable_file(self, path: str) -> Mapping[str, str] | None:
        """Return the variables of a file; None if it may be of this machine alone, or is none."""
        if path.endswith(_PRIVATE_SUFFIXES) and not self._is_sent(path):
            return None
        text = self.context.read_repository_text(path)
        return parse_env_file(text) if text else None

    def read_example(self, folder: str) -> Mapping[str, str]:
        """Return the variables of the first example of a file `.env` in a folder."""
        for name in EXAMPLE_NAMES:
            if text := self.context.read_repository_text(str(PurePosixPath(folder, name))):
                return parse_env_file(text)
        return {}

    def list_files(self, path: str) -> list[str]:
        """List the files of the build context at or below a path, or the path of another file."""
        context = resolve_path(".", self.spec.context) or "."
        sent = (str(PurePosixPath(context, name)) for name in self.context.file_sizes)
        below = "" if path == "." else f"{path}/"
        return sorted(name for name in sent if name.startswith(below)) or [path]

    def _read_groups(self, values: ReferenceValues) -> Iterator[tuple[str, str, Mapping[str, str]]]:
        """Yield the path of each file, what of it is meant, and the variables."""
        for readers in (PLATFORM_FILES, dict.fromkeys(EXAMPLE_NAMES, parse_env_file)):
            for path, text in self._read_first(tuple(readers)):
                yield path, "", readers[PurePosixPath(path).name](text)
        for path, text in self._read_first(COMPOSE_NAMES):
            yield from self._read_service(path, text, values)

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

    def _read_service(
        self, path: str, text: str, values: ReferenceValues
    ) -> Iterator[tuple[str, str, Mapping[str, str]]]:
        spec = self.spec
        service = find_service_variables(text, path, spec.dockerfile, spec.context, values)
        for file in service.files if service else ():
            if variables := self.read_variable_file(file):
                yield file, "", variables
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
