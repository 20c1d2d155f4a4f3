"""Which Dockerfiles of two commits are reviewed, and which are counted as left out."""

import os
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.docker.bake import BakePrinter
from bot.adapters.git.repository import GitRepository
from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.errors import InputError
from bot.line.chained_images import ChainFinder
from bot.line.contexts import ContextFinder
from bot.line.declared_images import ConfigSources, read_configs
from bot.line.discovery import describe_not_reviewed, list_not_reviewed
from bot.line.gate_changes import list_gate_changes
from bot.line.review_request import ReviewedRevision, ReviewRequest, plan_images
from bot.model.report import ImageState, NotReviewed, Outcome
from bot.project.config_file import parse_config
from bot.project.image_plan import PlannedImage
from bot.pull_request.event import Commit
from tests.support.repository import Repository

CONFIG, OTHER_CONFIG = ".github/image-size.yml", ".github/image-size.yaml"
DOCKERFILE = "FROM scratch\nCOPY app /\nLABEL purpose=review\n"
FILES: dict[str, str | None] = {"api/Dockerfile": DOCKERFILE, "api/app": "1"}
LISTED = "images: [{name: api, dockerfile: api/Dockerfile}]\n"
CLOSED = "discover: false\nimages: [{name: web, dockerfile: web/Dockerfile}]\n"
WEB: dict[str, str | None] = {"web/Dockerfile": "FROM busybox\nCOPY x /\n", "web/x": "1"}


class Plan:
    """The planned images of two commits by name, and the subjects of warnings about the rules."""

    def __init__(
        self, repository: Repository, before: dict[str, str | None], after: dict[str, str | None]
    ) -> None:
        base, head = repository.commit(before), repository.commit(after)
        with GitRepository(repository.path, os.environ) as git:
            configs = read_configs(git, ConfigSources(), head, base)
            sides = [ReviewedRevision(Commit(sha), sha) for sha in (head, base)]
            request = ReviewRequest(sides[0], configs, sides[1])
            contexts = ContextFinder(git, DockerfileReader(), BakePrinter({}))
            chains = ChainFinder(git, contexts.dockerfiles, lambda names, platform: ())
            planned = plan_images(git, request, contexts, chains)
            changes = list_gate_changes(git, request, planned, contexts)
            dockerfiles = [image.spec.dockerfile for image in planned]
            self.left_out = list_not_reviewed(git, head, configs.head, dockerfiles)
        self.images: dict[str, PlannedImage] = {image.spec.name: image for image in planned}
        self.warnings = [x.subject for x in changes if x.result is Outcome.WARN]
        self.changes = [f"{x.subject}: {x.after}" for x in changes]


@pytest.fixture
def plan(tmp_path: Path) -> Any:
    """Return a function that plans the review of two commits."""

    def make(before: dict[str, str | None], after: dict[str, str | None]) -> Plan:
        return Plan(Repository(tmp_path / "repository"), FILES | before, after)

    return make


def test_discovery_goes_on_beside_the_list(plan: Any) -> None:
    result = plan({CONFIG: LISTED}, WEB)
    assert {name: image.state for name, image in result.images.items()} == {
        "api": ImageState.UNCHANGED,
        "web/Dockerfile": ImageState.NEW,
    }


def test_a_closed_list_is_all_there_is(plan: Any) -> None:
    closed = {CONFIG: "discover: false\n" + LISTED}
    result = plan(closed, WEB)
    assert result.images.keys() == {"api"}
    assert result.left_out == (NotReviewed("web/Dockerfile", "discovery is off"),)


@pytest.mark.parametrize(
    "head",
    ["exclude: ['**']", "exclude: [api]", CLOSED, "discover: false\n", "exclude: ['*/Dockerfile']"],
)
@pytest.mark.parametrize("base", [None, "{}", LISTED, "images: ["])
def test_what_base_reviews_is_reviewed_whatever_head_leaves_out(
    plan: Any, base: str | None, head: str
) -> None:
    result = plan(WEB | ({CONFIG: base} if base else {}), {CONFIG: head, "api/app": "2"})
    (image,) = [x for x in result.images.values() if x.spec.dockerfile == "api/Dockerfile"]
    assert (image.is_dropped, image.state) == (True, ImageState.CHANGED)
    assert any("api/Dockerfile" in subject for subject in result.warnings)
    assert result.left_out == ()


def test_an_image_that_moves_into_a_folder_of_tests_is_reviewed(plan: Any) -> None:
    moved = {
        "api/Dockerfile": None,
        "api/app": None,
        "tests/api/Dockerfile": DOCKERFILE,
        "tests/api/app": "2",
    }
    result = plan({}, moved)
    (image,) = result.images.values()
    assert (image.spec.dockerfile, image.state) == ("tests/api/Dockerfile", ImageState.CHANGED)
    assert image.base is not None
    assert len(result.warnings) == 1
    moved_here = "moved to tests/api/Dockerfile, where no image is reviewed; reviewed a last time"
    assert result.changes == [f"the image api/Dockerfile (api/Dockerfile): {moved_here}"]


def test_an_image_that_moves_out_of_such_a_folder_is_compared_with_itself(plan: Any) -> None:
    before: dict[str, str | None] = {"tests/x/Dockerfile": DOCKERFILE + "USER x\n"}
    before |= {"tests/x/app": "1"}
    after: dict[str, str | None] = {"tests/x/Dockerfile": None, "tests/x/app": None}
    after |= {"x/Dockerfile": DOCKERFILE + "USER x\n", "x/app": "2"}
    image = plan(before, after).images["x/Dockerfile"]
    assert image.base is not None
    assert image.base.dockerfile == "tests/x/Dockerfile"


@pytest.mark.parametrize(
    ("text", "left_out"),
    [
        ("{}", {"tests/a/Dockerfile": "excluded by default (**/tests/**)"}),
        ("exclude: []", {}),
        ("exclude: ['*', '!api']", dict.fromkeys(["tests/a/Dockerfile"], "by configuration")),
    ],
)
def test_what_is_left_out_is_counted(plan: Any, text: str, left_out: dict[str, str]) -> None:
    files = {CONFIG: text, "tests/a/Dockerfile": DOCKERFILE, "tests/a/app": "1"}
    result = plan(files | {"node_modules/a/Dockerfile": DOCKERFILE}, {"api/app": "2"})
    reasons = {item.path: item.reason for item in result.left_out}
    assert reasons.pop("node_modules/a/Dockerfile") == "in node_modules"
    assert reasons.keys() == left_out.keys()
    assert ("api/Dockerfile" in result.images) is True


def test_a_listed_image_is_never_left_out(plan: Any) -> None:
    text = "images: [{name: t, dockerfile: tests/a/Dockerfile}]"
    files = {CONFIG: text, "tests/a/Dockerfile": DOCKERFILE, "tests/a/app": "1"}
    result = plan(files, {"tests/a/app": "2"})
    assert (result.images["t"].state, result.left_out) == (ImageState.CHANGED, ())


@pytest.mark.parametrize(
    ("base", "head", "warns"),
    [
        ("exclude: [a]", "exclude: [a, b]", True),
        ("exclude: [a, b]", "exclude: [a]", False),
        ("exclude: [a, '!a/b']", "exclude: [a]", True),
        ("exclude: []", "{}", True),
        ("{}", "exclude: []", False),
        ("{}", "exclude: [a]", True),
        ("{}", "discover: false", True),
        ("discover: false", "{}", False),
        ("{}", "compose: []", True),
        ("bake: [x.hcl]", "{}", True),
    ],
)
def test_changes_of_the_selection_are_listed(plan: Any, base: str, head: str, warns: bool) -> None:
    result = plan(
        {CONFIG: f"{LISTED}{base}" if base != "{}" else LISTED},
        {CONFIG: f"{LISTED}{head}" if head != "{}" else LISTED},
    )
    assert len(result.changes) == 1
    assert bool(result.warnings) is warns


def test_files_with_other_contents_are_no_images(plan: Any) -> None:
    sources = {
        "src/dockerfile.js": "module.exports = `\nFROM x\n`;\n",
        "src/Dockerfile.png": "FROM x\n",
        "src/Dockerfile.notes": "to do\n",
        "src/Dockerfile.go": DOCKERFILE,
        "src/app": "1",
    }
    result = plan(sources, {"api/app": "2"})
    assert result.images.keys() == {"api/Dockerfile", "src/Dockerfile.go"}
    assert [item.path for item in result.left_out] == ["src/Dockerfile.notes"]


def test_either_suffix_of_the_configuration_is_read(plan: Any) -> None:
    result = plan({OTHER_CONFIG: "budget: {max-size: 1MB}"}, {"api/app": "2"})
    assert result.images["api/Dockerfile"].spec.budget.max_size == 1_000_000


def test_another_suffix_is_no_other_file(plan: Any) -> None:
    text = "budget: {max-size: 1MB}"
    result = plan({CONFIG: text}, {CONFIG: None, OTHER_CONFIG: text})
    assert result.changes == []


def test_a_deleted_configuration_is_a_warning(plan: Any) -> None:
    result = plan({OTHER_CONFIG: "{}"}, {OTHER_CONFIG: None})
    assert result.warnings == [f"the configuration file {OTHER_CONFIG}"]


def test_two_configuration_files_are_a_mistake(plan: Any) -> None:
    with pytest.raises(InputError, match=r"image-size\.yml and .*image-size\.yaml"):
        plan({CONFIG: "{}"}, {OTHER_CONFIG: "{}"})


def test_two_configuration_files_of_base_are_a_warning(plan: Any) -> None:
    result = plan({CONFIG: "{}", OTHER_CONFIG: "{}"}, {OTHER_CONFIG: None})
    assert result.warnings == [f"the configuration file {CONFIG}"]


def test_a_pattern_that_is_none_is_a_mistake(plan: Any) -> None:
    with pytest.raises(InputError, match="exclude"):
        plan({}, {CONFIG: "exclude: ['[']"})


def test_dockerfiles_that_are_left_out_are_named_with_their_reasons() -> None:
    items = [NotReviewed("a", "excluded by default"), NotReviewed("b", "in vendor")]
    assert describe_not_reviewed([*items, NotReviewed("c", "excluded by default")]) == (
        "Not reviewed: 3 Dockerfiles: a, c, excluded by default; b, in vendor.",
    )
    assert describe_not_reviewed(items[1:]) == ("Not reviewed: 1 Dockerfile: b, in vendor.",)
    assert describe_not_reviewed(()) == ()
    assert parse_config("exclude: []", "c").exclude == ()


def test_of_many_dockerfiles_that_are_left_out_the_first_few_are_named() -> None:
    items = [NotReviewed(f"{x}", "in vendor") for x in range(9)]
    items += [NotReviewed(f"{x}", f"in vendor-{x}") for x in range(20, 40)]
    (sentence,) = describe_not_reviewed(items)
    assert sentence.startswith("Not reviewed: 29 Dockerfiles: 0, 1, 2, 3, 4 and 4 more, in vendor;")
    assert sentence.endswith("23, in vendor-23; 16 more for other reasons.")


def test_the_pattern_that_excludes_is_named(plan: Any) -> None:
    text = "exclude: ['docs', '**/Dockerfile', '!api/Dockerfile', 'examples/*']"
    files = {f"{x}/{y}": "FROM x\n" for x in ("docs", "examples") for y in ("Dockerfile",)}
    result = plan(files | {CONFIG: text, "web/x/Dockerfile": "FROM x\n"}, {})
    assert {x.path: x.reason for x in result.left_out} == {
        "docs/Dockerfile": "excluded by the configuration (**/Dockerfile)",
        "examples/Dockerfile": "excluded by the configuration (examples/*)",
        "web/x/Dockerfile": "excluded by the configuration (**/Dockerfile)",
    }


def test_an_entry_without_a_name_is_the_discovered_image(plan: Any) -> None:
    """A change that begins to list an image, or to name it, compares it with itself."""
    entry = "images:\n  - dockerfile: api/Dockerfile\n    budget: {max-size: 1MB}\n"
    result = plan({}, {CONFIG: entry, "api/app": "2"})
    assert list(result.images) == ["api/Dockerfile"]
    assert result.images["api/Dockerfile"].state is ImageState.CHANGED
    assert result.images["api/Dockerfile"].spec.budget.max_size == 1_000_000
    named = plan({}, {CONFIG: entry.replace("  - ", "  - name: api\n    ")})
    assert list(named.images) == ["api"]
    assert named.images["api"].base is not None
    unnamed = plan({CONFIG: LISTED}, {CONFIG: entry})
    assert list(unnamed.images) == ["api/Dockerfile"]
    assert unnamed.images["api/Dockerfile"].base is not None


def test_an_entry_for_a_stage_needs_no_name_either(plan: Any) -> None:
    stages = f"FROM scratch AS debug\nCOPY app /\n{DOCKERFILE}"
    entry = "images: [{dockerfile: api/Dockerfile, target: debug}]\n"
    result = plan({"api/Dockerfile": stages, CONFIG: entry}, {"api/app": "2"})
    assert list(result.images) == ["api/Dockerfile:debug"]
    assert result.images["api/Dockerfile:debug"].state is ImageState.CHANGED
