"""Evidence from the built image: the files of each layer, and their sizes.

With it a rule measures what it would only estimate from the Dockerfile's text.
"""

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
    """A measured image, queried by the instructions of its Dockerfile."""

    image: Image

    def find_layer(self, instruction: Instruction) -> Layer | None:
        """Return the layer that an instruction made."""
        return self._layers_by_line.get(instruction.line_start)

    def file_sizes(self, instruction: Instruction) -> Mapping[str, int]:
        """Return the sizes of the files that an instruction adds, by path.

        Files that later layers hide are among them.
        """
        layer = self.find_layer(instruction)
        return self._sizes_by_layer.get(layer.index, {}) if layer else {}

    def measure_bytes(self, instruction: Instruction, patterns: Iterable[str]) -> int:
        """Return the bytes that an instruction adds below such paths.

        See `path_patterns.compile_path_patterns`.
        """
        pattern = compile_path_patterns(patterns)
        return sum(
            size for path, size in self.file_sizes(instruction).items() if pattern.match(path)
        )

    def find_hidden_files(self, instruction: Instruction, *kinds: WasteCause) -> list[WastedFile]:
        """Return the files of lower layers of this Dockerfile that an instruction hides."""
        layer = self.find_layer(instruction)
        own_layers = {x.index for x in self.image.layers if not x.from_base_image}
        return [
            waste
            for waste in self.image.wasted_files
            if layer
            # Hidden in its own layer, a file is never shipped.
            and waste.hiding_layer == layer.index != waste.shipping_layer
            and waste.shipping_layer in own_layers
            and waste.cause in kinds
        ]

    @cached_property
    def base_package_sizes(self) -> Mapping[str, int]:
        """Return the sizes of the base image's Debian packages, by name."""
        sizes: defaultdict[str, int] = defaultdict(int)
        for layer in self.image.layers:
            for owner, size in layer.owners.items() if layer.from_base_image else ():
                if owner.kind == "deb":
                    sizes[owner.name] += size
        return sizes

    @cached_property
    def _layers_by_line(self) -> Mapping[int, Layer]:
        # Lines of the base image's Dockerfile may have the same numbers.
        own_layers = (layer for layer in self.image.layers if not layer.from_base_image)
        return {x.instruction.line_start: x for x in own_layers if x.instruction}

    @cached_property
    def _sizes_by_layer(self) -> Mapping[int, Mapping[str, int]]:
        """Return the file sizes by layer and path.

        A hard-linked file is left out: removing one name would free nothing.
        """
        linked = {x.content_hash for x in self.image.tree.values() if x.kind is EntryKind.HARDLINK}
        sizes: defaultdict[int, dict[str, int]] = defaultdict(dict)
        for path, size, shipping_layer, _, _ in self.image.wasted_files:
            sizes[shipping_layer][path] = size
        for path, layer in self.image.layer_by_path.items():
            entry = self.image.tree[path]
            if entry.size and entry.content_hash not in linked:
                sizes[layer][path] = entry.size
        return sizes
