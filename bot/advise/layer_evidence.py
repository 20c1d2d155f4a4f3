"""What an image proves: which files each of its layers ships, and what they weigh."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from bot.advise.path_patterns import compile_path_patterns
from bot.dockerfile.instruction import Instruction
from bot.model.files import EntryKind, WasteCause, WastedFile
from bot.model.image import Image, Layer


@dataclass(frozen=True)
class LayerEvidence:
    """A measured image, asked by the instructions of its Dockerfile."""

    image: Image

    def find_layer(self, instruction: Instruction) -> Layer | None:
        """The layer that an instruction made."""
        return self._layers_by_line.get(instruction.line_start)

    def file_sizes(self, instruction: Instruction) -> Mapping[str, int]:
        """The sizes of the files that an instruction ships, by path, whatever became of them."""
        layer = self.find_layer(instruction)
        return self._sizes_by_layer.get(layer.index, {}) if layer else {}

    def measure_bytes(self, instruction: Instruction, patterns: Iterable[str]) -> int:
        """The bytes that an instruction ships in such places; see `inside`."""
        pattern = compile_path_patterns(patterns)
        return sum(
            size for path, size in self.file_sizes(instruction).items() if pattern.match(path)
        )

    def find_hidden_files(self, instruction: Instruction, *kinds: WasteCause) -> list[WastedFile]:
        """The files of lower layers, made by this Dockerfile too, that an instruction hides."""
        layer = self.find_layer(instruction)
        own = {x.index for x in self.image.layers if not x.from_base_image}
        return [
            waste
            for waste in self.image.wasted_files
            if layer
            and waste.hiding_layer == layer.index != waste.shipping_layer
            and waste.shipping_layer in own
            and waste.cause in kinds
        ]

    @cached_property
    def base_package_sizes(self) -> Mapping[str, int]:
        """What the Debian packages of the base image weigh, by name."""
        found: defaultdict[str, int] = defaultdict(int)
        for layer in self.image.layers:
            for owner, size in layer.owners.items() if layer.from_base_image else ():
                if owner.kind == "deb":
                    found[owner.name] += size
        return found

    @cached_property
    def _layers_by_line(self) -> Mapping[int, Layer]:
        own = (layer for layer in self.image.layers if not layer.from_base_image)
        return {x.instruction.line_start: x for x in own if x.instruction}

    @cached_property
    def _sizes_by_layer(self) -> Mapping[int, Mapping[str, int]]:
        """By layer. A file that has another name elsewhere would stay if this name went."""
        linked = {x.content_hash for x in self.image.tree.values() if x.kind is EntryKind.HARDLINK}
        found: defaultdict[int, dict[str, int]] = defaultdict(dict)
        for path, size, written, _, _ in self.image.wasted_files:
            found[written][path] = size
        for path, layer in self.image.layer_by_path.items():
            entry = self.image.tree[path]
            if entry.size and entry.content_hash not in linked:
                found[layer][path] = entry.size
        return found
