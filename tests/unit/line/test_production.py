"""The order of pinning, building, measuring and removing."""

import io
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.adapters.plain_progress import PlainProgress
from bot.errors import InputError
from bot.image.archives.layer_cache import LayerCache
from bot.image.archives.manifest_resolver import ScannedImage
from bot.line.build_input import BuildInput
from bot.line.builds_ahead import BuildLimit
from bot.line.measurer import Measurer
from bot.line.pins import Pins
from bot.line.production import Producer
from bot.line.worktree import PreparedCheckout
from bot.model.image import BaseImage, BuildFailure, BuiltImage, MeasureFailure
from bot.model.image_location import engine_image, parse_location
from bot.model.spec import ImageSpec

ROOT = Path("/checkout")
FAILURE = BuildFailure("it does not build", ("line",))


class Engine:
    """A builder and an image reader without an engine; it logs what it is asked to do.

    An image of the name `broken` does not build, the build of `crash` raises, and no image can be
    read.
    """

    description = "a builder for tests"

    def __init__(self, *missing: str) -> None:
        self.missing = missing
        self.log: list[str] = []
        self.contexts: dict[str, dict[str, str]] = {}

    def pin_images(self, names: Sequence[str], platform: str | None) -> Pins:
        self.log.append(f"pin {' '.join(names)} for {platform}")
        return Pins({name: f"{name}@sha256:1" for name in names})

    def pin_digests(self, digests: Mapping[str, str], platform: str | None) -> Pins:
        return Pins()

    def find_base_image(self, name: str, platform: str | None) -> BaseImage | None:
        self.log.append(f"look up {name} for {platform}")
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
        self.log.append(f"build {label} from {dockerfile_text!r}")
        self.contexts[spec.name] = {**pins.resolved, **spec.build_contexts}
        if spec.name == "crash":
            raise OSError("the engine is gone")
        return FAILURE if spec.name == "broken" else BuiltImage(engine_image(f"built/{spec.name}"))

    def check_dockerfile(
        self, spec: ImageSpec, root: Path, pins: Pins, dockerfile_text: bytes | None = None
    ) -> tuple[str, ...] | None:
        return None

    def make_context(self, built: BuiltImage) -> str:
        if built.reference == "built/lost":
            raise InputError("It is gone.", "somebody removed it", "run it again")
        return f"docker-image://{built.reference}"

    def remove(self, built: BuiltImage) -> None:
        self.log.append(f"remove {built.reference}")

    def list_platforms(self, reference: str) -> tuple[str, ...]:
        return ()

    def read(self, reference: str, platform: str | None, layer_cache: LayerCache) -> ScannedImage:
        self.log.append(f"read {reference}")
        if reference in self.missing:
            raise InputError(f"The engine has no image {reference!r}.")
        raise OSError("not readable")


class OldImages(Engine):
    """A builder that still has the images of all digests; it logs what is built on which ones."""

    def pin_digests(self, digests: Mapping[str, str], platform: str | None) -> Pins:
        return Pins({name: f"{name}@{digest}" for name, digest in digests.items()})

    def build(
        self,
        spec: ImageSpec,
        root: Path,
        pins: Pins,
        label: str,
        dockerfile_text: bytes | None = None,
    ) -> BuiltImage | BuildFailure:
        self.log.append(f"{label} on {' '.join(pins.resolved.values())}".strip())
        return BuiltImage(engine_image(f"built/{len(self.log)}"))


def make_producer(engine: Engine) -> Producer:
    measurer = Measurer(engine, PlainProgress(io.StringIO()))
    return Producer(engine, DockerfileReader(), measurer)


def make_input(
    producer: Producer, name: str, text: str = "FROM a\n", **build_args: str
) -> BuildInput:
    spec = ImageSpec(name, "Dockerfile", ".", **build_args)  # type: ignore[arg-type]
    return BuildInput(spec, ROOT, producer.parse_plan(spec, text.encode()), name)


def test_both_sides_are_built_before_either_is_measured() -> None:
    engine = Engine()
    producer = make_producer(engine)
    sources = [make_input(producer, "old"), make_input(producer, "new")]
    with producer.produce(sources, Pins()) as productions:
        assert [x.built and x.built.reference for x in productions] == ["built/old", "built/new"]
        assert [x.result for x in productions] == [MeasureFailure("not readable")] * 2
        assert [x.measured for x in productions] == [None, None]
        engine.log.append("use")
    assert engine.log == [
        "build old from None",
        "build new from None",
        "look up a for None",
        "read built/old",
        "look up a for None",
        "read built/new",
        "use",
        "remove built/old",
        "remove built/new",
    ]


def test_a_failed_build_is_a_result_and_removes_nothing() -> None:
    engine = Engine()
    producer = make_producer(engine)
    with producer.produce([make_input(producer, "broken")], Pins()) as (production,):
        assert (production.result, production.built) == (FAILURE, None)
    assert engine.log == ["build broken from None"]


def test_a_built_image_is_removed_if_the_other_build_raises() -> None:
    engine = Engine()
    producer = make_producer(engine)
    sources = [make_input(producer, "old"), make_input(producer, "crash")]
    with pytest.raises(OSError, match="gone"), producer.produce(sources, Pins()):
        engine.log.append("never")
    assert engine.log[-1] == "remove built/old"
    assert "never" not in engine.log


def test_images_are_removed_if_their_user_raises() -> None:
    engine = Engine()
    producer = make_producer(engine)
    with (
        pytest.raises(KeyError),
        producer.produce([make_input(producer, "old")], Pins()),
    ):
        raise KeyError
    assert engine.log[-1] == "remove built/old"


def test_the_images_of_all_inputs_are_pinned_at_once() -> None:
    engine = Engine()
    producer = make_producer(engine)
    old = make_input(producer, "a", "FROM a\nCOPY --from=b / /\n", platform="linux/arm64")
    new = make_input(producer, "a", "FROM c\nCOPY --from=b / /\n", platform="linux/arm64")
    assert producer.pin(old, new).resolved.keys() == {"a", "b", "c"}
    assert engine.log == ["pin a b c for linux/arm64"]


def test_a_dockerfile_without_stages_has_no_plan_and_pins_nothing() -> None:
    engine = Engine()
    producer = make_producer(engine)
    source = make_input(producer, "a", "RUN x\n")
    assert source.plan is None
    assert producer.pin(source) == Pins()


def test_an_image_that_is_taken_away_before_it_is_measured_is_a_result() -> None:
    engine = Engine("built/old")
    producer = make_producer(engine)
    with producer.produce([make_input(producer, "old")], Pins()) as (production,):
        assert production.result == MeasureFailure("The engine has no image 'built/old'.")
    assert engine.log[-1] == "remove built/old"


def test_an_existing_image_that_is_missing_is_an_error() -> None:
    producer = make_producer(Engine("app:1"))
    with pytest.raises(InputError):
        producer.measure_existing(make_input(producer, "a"), Pins(), parse_location("app:1"))


def test_an_existing_image_is_measured_and_not_removed() -> None:
    engine = Engine()
    producer = make_producer(engine)
    source = make_input(producer, "a")
    in_engine = producer.measure_existing(source, Pins(), parse_location("app:1"))
    archive = producer.measure_existing(source, Pins(), parse_location("oci:/tmp/app"))
    assert in_engine.built == BuiltImage(engine_image("app:1"))
    assert archive.built is None
    assert [line for line in engine.log if line.startswith("read")] == [
        "read app:1",
        "read oci:/tmp/app",
    ]


def test_the_base_image_has_its_pinned_name() -> None:
    producer = make_producer(Engine())
    source = make_input(producer, "a")
    with producer.produce([source], producer.pin(source)) as (production,):
        assert production.base_reference == "a@sha256:1"


def test_pins_of_the_argument_take_precedence_when_merging() -> None:
    pins = Pins({"a": "a@1", "b": "b@1"}, {"a": ("x",)}, {"c": "gone"})
    merged = pins.merge(Pins({"a": "a@2"}, {"b": ("y",)}))
    assert merged == Pins({"a": "a@2", "b": "b@1"}, {"a": ("x",), "b": ("y",)}, {"c": "gone"})


def test_an_image_with_the_name_of_a_stage_is_built_without_its_pin() -> None:
    producer = make_producer(Engine())
    plain = make_input(producer, "plain", "FROM a\n")
    shadowed = make_input(producer, "shadowed", "FROM a AS a\nFROM a\nCOPY --from=b / /\n")
    pins = producer.pin(plain, shadowed)
    assert pins.resolved.keys() == {"a", "b"}
    assert pins.unresolved == {"a": "a stage has the same name"}
    assert pins.without(shadowed.unpinnable_names).resolved.keys() == {"b"}
    assert pins.without(plain.unpinnable_names) == pins


def test_the_base_image_is_looked_up_for_the_platform_of_the_build() -> None:
    engine = Engine()
    producer = make_producer(engine)
    texts = ("FROM base:1 AS x\nFROM x\n", "FROM scratch\n", "FROM a-$TARGETARCH\n")
    sources = [make_input(producer, "a", text, platform="linux/arm64") for text in texts]
    with producer.produce(sources, Pins()):
        pass
    assert [line for line in engine.log if line.startswith("look")] == [
        "look up base:1 for linux/arm64"
    ]


def with_bases(source: BuildInput, **bases: BuildInput) -> BuildInput:
    return replace(source, bases=bases)


def test_a_base_of_the_repository_is_built_first_and_once_and_handed_on() -> None:
    engine = Engine()
    producer = make_producer(engine)
    base = make_input(producer, "base", "FROM debian\n")
    children = [
        with_bases(make_input(producer, name, "FROM org\nCOPY --from=b / /\n"), org=base)
        for name in ("one", "two")
    ]
    turns = producer.take_turns([[child] for child in children])
    for sources in turns:
        with producer.produce(sources, producer.pin(*sources)) as (production,):
            assert production.base_reference == "built/base"
        engine.log.append("end")
    assert [line for line in engine.log if not line.startswith("read")] == [
        "pin b for None",
        "pin debian for None",
        "build base from None",
        "build one from None",
        "look up built/base for None",
        "end",
        "remove built/one",
        "pin b for None",
        "build two from None",
        "look up built/base for None",
        "end",
        "remove built/two",
        "remove built/base",
    ]
    assert engine.contexts["base"] == {"debian": "debian@sha256:1"}
    assert engine.contexts["two"] == {"b": "b@sha256:1", "org": "docker-image://built/base"}


@pytest.mark.parametrize("count", [1, 2, 5])
def test_images_side_by_side_share_a_base_and_are_as_one_after_another(count: int) -> None:
    engine = Engine()
    producer = replace(make_producer(engine), limit=BuildLimit(lambda _: count))
    base = make_input(producer, "base", "FROM debian\n")
    names = ("one", "broken", "two", "three")
    children = [with_bases(make_input(producer, x, "FROM org\n"), org=base) for x in names]
    results = []
    for sources in producer.take_turns([[child] for child in children]):
        with producer.produce(sources, producer.pin(*sources)) as (production,):
            results.append((production.source.spec.name, production.result))
    unread = MeasureFailure("not readable")
    assert results == [("one", unread), ("broken", FAILURE), ("two", unread), ("three", unread)]
    builds = [line for line in engine.log if line.startswith("build ")]
    assert builds[0] == "build base from None"
    assert sorted(builds) == [f"build {x} from None" for x in sorted((*names, "base"))]
    removed = [line for line in engine.log if line.startswith("remove ")]
    assert sorted(removed) == [f"remove built/{x}" for x in ("base", "one", "three", "two")]
    assert removed[-1] == "remove built/base"


class MeetingEngine(Engine):
    """A builder of which each build waits for another one to run."""

    def __init__(self) -> None:
        super().__init__()
        self.meeting = threading.Barrier(2)

    def build(
        self,
        spec: ImageSpec,
        root: Path,
        pins: Pins,
        label: str,
        dockerfile_text: bytes | None = None,
    ) -> BuiltImage | BuildFailure:
        self.meeting.wait(60)
        return super().build(spec, root, pins, label, dockerfile_text)


def test_both_sides_are_built_at_once_where_the_limit_allows_it() -> None:
    engine = MeetingEngine()
    limit = BuildLimit(allows_both_sides=lambda: True)
    producer = replace(make_producer(engine), limit=limit)
    sources = [make_input(producer, "broken"), make_input(producer, "new")]
    with producer.produce(sources, Pins()) as productions:
        assert [x.result for x in productions] == [FAILURE, MeasureFailure("not readable")]
    assert not engine.meeting.broken


def test_an_error_of_one_side_stops_the_other() -> None:
    engine, stops = MeetingEngine(), list[str]()
    limit = BuildLimit(allows_both_sides=lambda: True, stop=lambda: stops.append("stop"))
    producer = replace(make_producer(engine), limit=limit)
    sources = [make_input(producer, "crash"), make_input(producer, "new")]
    with (
        pytest.raises(OSError, match="the engine is gone"),
        producer.produce(sources, Pins()),
    ):
        raise AssertionError("there are no images")
    assert stops == ["stop"]
    assert engine.log[-1] == "remove built/new"


def test_an_image_on_a_base_that_does_not_build_is_not_built() -> None:
    engine = Engine()
    producer = make_producer(engine)
    child = with_bases(make_input(producer, "a", "FROM x\n"), x=make_input(producer, "broken"))
    with producer.produce([child], Pins()) as (production,):
        assert production.result == replace(
            FAILURE,
            reason="its base image x, built from Dockerfile, does not build: it does not build",
        )
    assert engine.log == ["pin a for None", "build broken from None"]


def test_an_image_with_a_problem_is_not_built() -> None:
    engine = Engine()
    producer = make_producer(engine)
    source = replace(make_input(producer, "a"), problem="it is in a circle")
    with producer.produce([source], Pins()) as (production,):
        assert production.result == BuildFailure("it is in a circle")
    assert engine.log == []


def test_a_base_with_the_name_of_a_stage_is_refused() -> None:
    """A named context would replace the stage."""
    producer = make_producer(Engine())
    child = make_input(producer, "a", "FROM base AS base\nCOPY x /x\n")
    with producer.produce([with_bases(child, base=make_input(producer, "b"))], Pins()) as (new,):
        assert isinstance(new.result, BuildFailure)
        assert "a stage of the Dockerfile has the same name" in new.result.reason


def test_the_image_of_a_named_context_is_pinned_in_its_place() -> None:
    producer = make_producer(Engine())
    text = "FROM a AS stage\nFROM other\nCOPY --from=lib / /\nCOPY --from=moving / /\nCOPY --from=b / /\n"
    contexts = {"other": "docker-image://stage", "lib": "libs", "moving": "https://x.example/y.git"}
    source = make_input(producer, "new", text)
    source = replace(source, spec=replace(source.spec, build_contexts=contexts))
    pins = producer.pin(source)
    assert set(pins.resolved) == {"stage", "b"}
    assert set(pins.unresolved) == {"moving=https://x.example/y.git"}
    spec, own_pins = source.pin(pins)
    assert spec.build_contexts == {**contexts, "other": "docker-image://stage@sha256:1"}
    assert set(own_pins.resolved) == {"b"}
    assert source.base_image == "stage"


def test_a_base_that_cannot_be_handed_on_is_a_failure() -> None:
    producer = make_producer(Engine())
    child = with_bases(make_input(producer, "a", "FROM x\n"), x=make_input(producer, "lost"))
    with producer.produce([child], Pins()) as (production,):
        assert isinstance(production.result, BuildFailure)
        assert production.result.reason == "It is gone; somebody removed it; run it again"


def test_a_rewritten_image_is_built_on_the_same_base() -> None:
    engine = Engine()
    producer = make_producer(engine)
    base = make_input(producer, "base", "FROM debian\n")
    child = with_bases(make_input(producer, "a", "FROM org\n"), org=base)
    with producer.produce([child], Pins()) as (production,):
        rewritten = replace(production.source, dockerfile_text=b"FROM org\nRUN x\n")
        with producer.produce([rewritten], producer.pin(rewritten)):
            assert engine.contexts["a"] == {"org": "docker-image://built/base"}
        assert "remove built/base" not in engine.log
    assert [line for line in engine.log if line.startswith("build ")] == [
        "build base from None",
        "build a from None",
        "build a from b'FROM org\\nRUN x\\n'",
    ]


def test_an_image_on_older_images_is_not_what_others_are_built_on() -> None:
    # Base of the others is built on images of today: head on older ones would differ by both.
    engine = OldImages()
    producer = make_producer(engine)
    lib = make_input(producer, "lib", "FROM debian\n")
    web = replace(make_input(producer, "web", "FROM lib\n"), bases={"lib": lib})
    groups = [[lib.take_digests({"debian": "sha256:0"})], [web]]
    for sources in producer.take_turns(groups):
        with producer.produce(sources, producer.pin(*sources)):
            pass
    builds = [line for line in engine.log if " on " in line]
    assert builds == ["lib on debian@sha256:0", "lib on debian@sha256:1"]


def test_what_an_image_is_built_on_takes_the_same_digests() -> None:
    engine = OldImages()
    producer = make_producer(engine)
    digests = {"debian": "sha256:0", "node": "sha256:2"}
    lib = make_input(producer, "lib", "FROM debian\n")
    web = replace(
        make_input(producer, "web", "FROM lib\nCOPY --from=node /x /\n"), bases={"lib": lib}
    )
    web = web.take_digests(digests)
    with producer.produce([web], producer.pin(web)):
        pass
    builds = [line for line in engine.log if " on " in line]
    assert builds == ["lib on debian@sha256:0", "web on node@sha256:2"]
    assert web.bases["lib"].key == lib.take_digests(digests).key
