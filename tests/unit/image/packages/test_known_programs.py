"""A program that an image holds several times is read once, and reported at each of its paths."""

from collections.abc import Mapping

from bot.image.packages.detectors import Probe, read_binary_packages
from bot.image.packages.executables import ProgramProbe
from bot.image.packages.jar import JarProbe
from bot.image.packages.known_programs import KnownPrograms
from bot.model.files import Entry, EntryKind
from tests.support.packages.layers import data

GO = b"\x7fELF" + bytes(12) + data("go-buildinfo")
RUST = b"\x7fELF" + bytes(12) + b"/rustc/abc"


class Layer:
    """A layer of programs, and the paths that were fetched of it."""

    def __init__(self, contents: Mapping[str, bytes], hashes: Mapping[str, str]) -> None:
        self.contents, self.fetched = contents, list[str]()
        self.entries = [
            Entry(path, EntryKind.FILE, len(content), 0o755, 0, 0, "", hashes.get(path, ""))
            for path, content in contents.items()
        ]

    def make_probes(self) -> dict[str, Probe]:
        return {
            path: (JarProbe if path.endswith(".jar") else ProgramProbe)(path, len(content))
            for path, content in self.contents.items()
        }

    def feed(self, probes: Mapping[str, Probe]) -> None:
        for path, probe in probes.items():
            self.fetched.append(path)
            probe.feed(self.contents[path])


def check(layer: Layer, programs: KnownPrograms, fetched: list[str]) -> None:
    """Compare the packages with those of reading everything."""
    packages = programs.read_packages(layer.make_probes(), layer.entries, layer.feed)
    everything = layer.make_probes()
    Layer(layer.contents, {}).feed(everything)
    assert packages == read_binary_packages(everything)
    assert layer.fetched == fetched


def test_copies_in_one_layer_and_in_the_next_are_not_fetched() -> None:
    programs = KnownPrograms()
    hashes = dict.fromkeys(("a/go", "b/go", "c/go"), "1")
    check(Layer({"a/go": GO, "b/go": GO}, hashes), programs, ["a/go"])
    check(Layer({"c/go": GO, "d/x": RUST}, hashes | {"d/x": "2"}), programs, ["d/x"])


def test_another_name_size_or_hash_is_another_program() -> None:
    contents = {"a/x": RUST, "a/y": RUST, "b/x": RUST + b"1", "c/x": RUST}
    hashes = {"a/x": "1", "a/y": "1", "b/x": "1", "c/x": "2"}
    check(Layer(contents, hashes), KnownPrograms(), list(contents))


def test_a_program_without_a_hash_and_a_jar_are_always_fetched() -> None:
    contents = {"a/go": GO, "b/go": GO, "a/x.jar": b"PK", "b/x.jar": b"PK"}
    check(Layer(contents, {"a/x.jar": "1", "b/x.jar": "1"}), KnownPrograms(), list(contents))


def test_a_copy_of_what_is_no_package_is_none() -> None:
    contents = {"a/x": b"\x7fELF", "b/x": b"\x7fELF"}
    check(Layer(contents, {"a/x": "1", "b/x": "1"}), KnownPrograms(), ["a/x"])
