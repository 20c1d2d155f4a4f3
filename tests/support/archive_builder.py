"""The tools of a review without an engine: a builder that writes archives, which are really measured.

A Dockerfile may say `FROM scratch`, `COPY FILE /` (a layer with that file of the context), `COPY --from`
(no layer), `RUN false` (the build fails there) and `RUN --mount=type=secret` (so it does, unless the
builder has secrets). Everything but the build is the program's own.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.adapters.docker.bake import BakePrinter
from bot.adapters.docker.buildx import BuildOptions
from bot.adapters.git.repository import GitRepository
from bot.adapters.image_sources import ImageSources
from bot.adapters.parsing.build_context import FolderContextReader
from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.line.advice import Advisor
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


@dataclass
class ArchiveBuilder:
    """The port `Builder`; `labels` are those of its builds, `removed` what was removed again.

    `secrets` has the IDs of the secrets that each build got.
    """

    folder: Path
    description: str = "a builder of archives"
    labels: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    has_secrets: bool = False
    secrets: list[tuple[str, ...]] = field(default_factory=list)

    def pin_images(self, names: Sequence[str], platform: str | None) -> Pins:
        return Pins()

    def find_base_image(self, name: str, platform: str | None) -> BaseImage | None:
        return None

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
    """The opener of review tools that an entry point is handed; `verify` is what it was called with."""

    builder: ArchiveBuilder
    verify: bool | None = None

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
        self.verify = verify
        parser = DockerfileReader()
        producer = Producer(self.builder, parser, Measurer(ImageSources({}), progress))
        advisor = Advisor(producer, _EmptyImages(), FolderContextReader(parser))
        yield ReviewTools(git, producer, advisor, BakePrinter(environment))


class _EmptyImages:
    """The port `ImageInspector`: no image has a config, or files to look into."""

    def read_config(self, reference: str) -> ContainerConfig:
        return ContainerConfig()

    @contextmanager
    def open_files(self, reference: str) -> Iterator[ImageFiles]:
        yield ImageFiles({})
