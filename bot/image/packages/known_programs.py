"""Programs that an image holds several times: each content is fetched and searched once.

`cp -r` and `chown -R` copy whole toolchains. A copy is recognised by the hash of its content, its
size and its name, which names a Rust program. Hashes of the engine's index are CRC-64, so that
somebody may forge two such programs on purpose: the second one is then reported under the name that
the first one gives itself, and every size stays right.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bot.image.packages.captured_file import CapturedFile
from bot.image.packages.detectors import Probe
from bot.image.packages.executables import ProgramProbe
from bot.image.packages.package import Package
from bot.model.files import Entry

_Content = tuple[str, int, str]


class KnownPrograms:
    """The packages of the programs that were read so far, by content."""

    def __init__(self) -> None:
        self._packages: dict[_Content, Sequence[Package]] = {}

    def read_packages(
        self,
        probes: Mapping[str, Probe],
        entries: Sequence[Entry],
        feed_probes: Callable[[Mapping[str, Probe]], None],
    ) -> tuple[Package, ...]:
        """Return the packages of the programs and jars of a layer, by path.

        `feed_probes` is called with the probes whose contents are needed.
        """
        contents = _identify_programs(probes, entries)
        unread, originals = dict[str, Probe](), dict[_Content, ProgramProbe]()
        for path, probe in probes.items():
            content = contents.get(path)
            if content is None or not isinstance(probe, ProgramProbe):
                unread[path] = probe
            elif content not in self._packages and content not in originals:
                unread[path] = originals[content] = probe
        feed_probes(unread)
        self._packages |= {content: probe.packages for content, probe in originals.items()}
        copied = {x: self._packages[contents[x]] for x in probes if x not in unread}
        return tuple(
            replace(package, files=(path,)) if path in copied else package
            for path, probe in probes.items()
            for package in copied.get(
                path, () if isinstance(probe, CapturedFile) else probe.packages
            )
        )


def _identify_programs(
    probes: Mapping[str, Probe], entries: Sequence[Entry]
) -> dict[str, _Content]:
    """Return what is known of the content of each program, by its path."""
    return {
        entry.path: (entry.content_hash, entry.size, entry.path.rpartition("/")[2])
        for entry in entries
        if entry.path in probes and entry.content_hash
    }
