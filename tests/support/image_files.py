"""The ports `Files` and `ImageInspector` over dictionaries."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot.model.container_config import ContainerConfig


@dataclass
class ImageFiles:
    """Files by path; links are not known here."""

    contents: Mapping[str, bytes]

    def read(self, path: str) -> bytes | None:
        return self.contents.get(path.lstrip("/"))

    def read_below(
        self, folder: str, accepts: Callable[[str, int], bool]
    ) -> Iterable[tuple[str, bytes]]:
        start = folder.strip("/") + "/" if folder.strip("/") else ""
        for path, content in self.contents.items():
            if path.startswith(start) and accepts(path, len(content)):
                yield path, content


@dataclass
class ImageLooks:
    """Images by reference."""

    configs: Mapping[str, ContainerConfig] = field(default_factory=dict)
    contents: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)

    def read_config(self, reference: str) -> ContainerConfig:
        return self.configs[reference]

    @contextmanager
    def open_files(self, reference: str) -> Iterator[ImageFiles]:
        yield ImageFiles(self.contents[reference])
