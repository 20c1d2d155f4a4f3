"""What an image proves: which files each of its layers ships, and what they weigh."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from bot.advise.path_patterns import inside
from bot.dockerfile.instruction import Statement
from bot.model.files import Hidden, Kind, Waste
from bot.model.image import Image, Layer


@dataclass(frozen=True)
class Evidence:
    """A measured image, asked by the instructions of its Dockerfile."""

    image: Image

    def layer(self, statement: Statement) -> Layer | None:
        """The layer that an instruction made."""
        return self._layers.get(statement.line_start)

    def files(self, statement: Statement) -> Mapping[str, int]:
        """The sizes of the files that an instruction ships, by path, whatever became of them."""
        layer = self.layer(statement)
        return self._files.get(layer.index, {}) if layer else {}

    def weigh(self, statement: Statement, places: Iterable[str]) -> int:
        """The bytes that an instruction ships in such places; see `inside`."""
        pattern = inside(places)
        return sum(size for path, size in self.files(statement).items() if pattern.match(path))

    def hidden_by(self, statement: Statement, *how: Hidden) -> list[Waste]:
        """The files of lower layers, made by this Dockerfile too, that an instruction hides."""
        layer = self.layer(statement)
        own = {x.index for x in self.image.layers if not x.from_base_image}
        return [
            waste
            for waste in self.image.wastes
            if layer
            and waste.hidden == layer.index != waste.written
            and waste.written in own
            and waste.how in how
        ]

    @cached_property
    def base_packages(self) -> Mapping[str, int]:
        """What the Debian packages of the base image weigh, by name."""
        found: defaultdict[str, int] = defaultdict(int)
        for layer in self.image.layers:
            for owner, size in layer.owners.items() if layer.from_base_image else ():
                if owner.kind == "deb":
                    found[owner.name] += size
        return found

    @cached_property
    def _layers(self) -> Mapping[int, Layer]:
        own = (layer for layer in self.image.layers if not layer.from_base_image)
        return {x.instruction.line_start: x for x in own if x.instruction}

    @cached_property
    def _files(self) -> Mapping[int, Mapping[str, int]]:
        """By layer. A file that has another name elsewhere would stay if this name went."""
        linked = {x.content for x in self.image.tree.values() if x.kind is Kind.HARDLINK}
        found: defaultdict[int, dict[str, int]] = defaultdict(dict)
        for path, size, written, _, _ in self.image.wastes:
            found[written][path] = size
        for path, layer in self.image.origins.items():
            entry = self.image.tree[path]
            if entry.size and entry.content not in linked:
                found[layer][path] = entry.size
        return found
