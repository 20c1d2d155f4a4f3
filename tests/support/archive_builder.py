"""The tools of a review without an engine: a builder that writes archives, which are really measured.

A Dockerfile may say `FROM scratch`, `COPY FILE /` (a layer with that file of the context), `COPY --from`
(no layer), `RUN NAME` (a layer with what the command of that name makes today), `RUN false` (the build
fails there), `RUN --mount=type=secret` (so it does, unless the builder has secrets) and `FROM NAME` (the
one layer of a published image). Everything but the build is the program's own.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from bot.adapters.docker.bake import BakePrinter
from bot.adapters.docker.buildx import BuildOptions
from bot.adapters.git.repository import GitRepository
from bot.adapters.image_sources import ImageSources
from bot.adapters.parsing.build_context import FolderContextReader
from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.adapters.record_stores import open_record_store
from bot.line.advice import Advisor
from bot.line.builds_ahead import BuildLimit
from bot.line.measurer import Measurer
from bot.line.pins import Pins
from bot.line.ports import Progress
from bot.line.production import Producer
from bot.line.review import ReviewTools
from bot.line.worktree import PreparedCheckout
from bot.model.container_config import ContainerConfig
from bot.model.failures import FailureKind
from bot.model.image import BaseImage, BuildFailure, BuiltImage
from bot.model.image_location import ImageLocation, Transport
from bot.model.spec import ImageSpec
from tests.support.image_files import ImageFiles
from tests.support.tar_world import Document, Item, image, layer_tar, layout, pack
from tests.support.tar_world import digest as make_digest


@dataclass
class ArchiveBuilder:
    """The port `Builder`; `labels` are those of its builds, `removed` what was removed again.

    `secrets` has the IDs of the secrets that each build got. `published` has the digest that each
    name of a registry has now, and `contents` the file of each digest that can still be had;
    `commands` has what each command makes.
    """

    folder: Path
    description: str = "a builder of archives"
    labels: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    has_secrets: bool = False
    secrets: list[tuple[str, ...]] = field(default_factory=list)
    published: dict[str, str] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    commands: dict[str, bytes] = field(default_factory=dict)

    def pin_images(self, names: Sequence[str], platform: str | None) -> Pins:
        return self._pin({name: self.published[name] for name in names if name in self.published})

    def pin_digests(self, digests: Mapping[str, str], platform: str | None) -> Pins:
        pins = self._pin({name: x for name, x in digests.items() if x in self.contents})
        bases = {name: self._describe_base(digest) for name, digest in pins.digests.items()}
        return replace(pins, base_images=bases)

    def find_base_image(self, name: str, platform: str | None) -> BaseImage | None:
        return self._describe_base(self.published[name]) if name in self.published else None

    def _pin(self, digests: Mapping[str, str]) -> Pins:
        return Pins({name: f"{name}@{x}" for name, x in digests.items()}, digests=digests)

    def _make_base_layer(self, digest: str) -> bytes:
        return layer_tar(Item("base", self.contents[digest]))

    def _describe_base(self, digest: str) -> BaseImage:
        return BaseImage((make_digest(self._make_base_layer(digest)),))

    def prepare(self, spec: ImageSpec, root: Path, label: str) -> PreparedCheckout | BuildFailure:
        return PreparedCheckout(root, 0)

    def build(
        self,
        spec: ImageSpec,
        root: Path,
        pins: Pins,
        label: str,
        dockerfile_text: bytes | None = None,
    ) -> BuiltImage | BuildFailure:
        self.labels.append(label)
        self.secrets.append(tuple(secret.id for secret in spec.needs.secrets))
        text = (dockerfile_text or (root / spec.dockerfile).read_bytes()).decode()
        layers: list[bytes] = []
        history: list[Document] = []
        for line in text.splitlines():
            if line == "RUN false":
                reason, log = "process /bin/sh -c false: exit code: 1", ("1 ERROR: false",)
                return BuildFailure(reason, log, FailureKind.INSTRUCTION, line)
            if line.startswith("RUN --mount=type=secret") and not self.has_secrets:
                return BuildFailure("secret x: not found", (), FailureKind.SECRET, line)
            words = line.split()
            if words and words[0] == "FROM" and words[1] in pins.digests:
                layers.append(self._make_base_layer(pins.digests[words[1]]))
                history.append({"created_by": "/bin/sh -c #(nop) ADD file:base in / "})
            if words and words[0] == "RUN" and words[1] in self.commands:
                layers.append(layer_tar(Item(f"made-by-{words[1]}", self.commands[words[1]])))
                history.append({"created_by": f"RUN /bin/sh -c {line[4:]} # buildkit"})
            if line.startswith("COPY ") and "--from" not in line:
                name = line.split()[1]
                content = (root / spec.context / name).read_bytes()
                layers.append(layer_tar(Item(name, content)))
                history.append({"created_by": f"{line} # buildkit"})
        path = self.folder / f"{len(self.labels)}.tar"
        path.write_bytes(pack(layout(image(*layers, history=history))).getvalue())
        return BuiltImage(ImageLocation(Transport.OCI_ARCHIVE, str(path)))

    def check_dockerfile(
        self, spec: ImageSpec, root: Path, pins: Pins, dockerfile_text: bytes | None = None
    ) -> tuple[str, ...] | None:
        return None

    def make_context(self, built: BuiltImage) -> str:
        return built.reference

    def remove(self, built: BuiltImage) -> None:
        self.removed.append(built.reference)


@dataclass
class ArchiveTools:
    """The opener of review tools that an entry point is handed.

    `verify` and `options` are what it was called with.
    """

    builder: ArchiveBuilder
    verify: bool | None = None
    options: BuildOptions | None = None
    jobs: int = 1

    @contextmanager
    def open(
        self,
        git: GitRepository,
        environment: Mapping[str, str],
        progress: Progress,
        options: BuildOptions,
        *,
        verify: bool = False,
    ) -> Iterator[ReviewTools]:
        self.verify, self.options = verify, options
        parser, limit = DockerfileReader(), BuildLimit(lambda _: self.jobs)
        producer = Producer(self.builder, parser, Measurer(ImageSources({}), progress), limit)
        advisor = Advisor(producer, _EmptyImages(), FolderContextReader(parser))
        open_store = partial(open_record_store, git)
        yield ReviewTools(git, producer, advisor, BakePrinter(environment), open_store)


class _EmptyImages:
    """The port `ImageInspector`: no image has a config, or files to look into."""

    def read_config(self, reference: str) -> ContainerConfig:
        return ContainerConfig()

    @contextmanager
    def open_files(self, reference: str) -> Iterator[ImageFiles]:
        yield ImageFiles({})
