"""Compose and bake files in the plan of a review: what they declare, and what becomes of it."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from bot.adapters.docker.bake import BakePrinter
from bot.adapters.git.repository import GitRepository
from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.line.build_options import describe_unused_options
from bot.line.chained_images import ChainFinder
from bot.line.contexts import ContextFinder
from bot.line.declared_images import (
    ConfigSources,
    declare_base_images,
    declare_images,
    read_configs,
)
from bot.line.found_images import read_builds
from bot.line.gate_changes import list_gate_changes
from bot.line.not_reviewed import add_not_reviewed, list_broken_files, list_left_out
from bot.line.review_request import ReviewedRevision, ReviewRequest, plan_images
from bot.line.rule_changes import list_rule_changes
from bot.line.unread_files import list_unread_files
from bot.model.report import GateChange, ImageState, Mode, Outcome, Report
from bot.model.spec import BuildNeeds, ContextSource, ImageSpec
from bot.project.image_plan import PlannedImage
from bot.project.new_config import AuditedImage, ConfigOrigin, write_config
from bot.project.overrides import Overrides
from tests.support.repository import Repository

FILES: dict[str, str | None] = {
    "api/Dockerfile": "FROM scratch\nCOPY . /\n",
    "tests/e2e/Dockerfile": "FROM scratch\n",
    "compose.yaml": """
        services:
          api: {build: {context: ., dockerfile: api/Dockerfile}}
          e2e: {build: tests/e2e}
        """,
}
CONFIG = ".github/image-size.yml"


class World:
    """A repository, and the plan of its last commit."""

    def __init__(self, path: Path, printer: BakePrinter, stack: ExitStack) -> None:
        self.repository = Repository(path)
        self.git = stack.enter_context(GitRepository(path, os.environ))
        self.contexts = ContextFinder(self.git, DockerfileReader(), printer)

    def declare(self, files: Mapping[str, str | None]) -> dict[str, ImageSpec]:
        sha = self.repository.commit(dict(files))
        config = read_configs(self.git, ConfigSources(), sha).head
        declared = declare_images(self.git, sha, config, Overrides(), self.contexts)
        return {spec.name: spec for spec in declared.specs}

    def list_broken_files(self, files: Mapping[str, str | None]) -> tuple[GateChange, ...]:
        return list_broken_files(self.git, self.change(files), self.contexts.build_files)

    def list_gate_changes(self, files: Mapping[str, str | None]) -> tuple[GateChange, ...]:
        request = self.change(files)
        planned = self.plan(request)
        return list_gate_changes(self.git, request, planned, self.contexts)

    def plan(self, request: ReviewRequest) -> tuple[PlannedImage, ...]:
        chains = ChainFinder(self.git, self.contexts.dockerfiles, lambda names, platform: ())
        return plan_images(self.git, request, self.contexts, chains)

    def find_bases(self, planned: PlannedImage) -> dict[str, ImageSpec]:
        """Return what head of an image is built on, by the names under which that takes it."""
        links = planned.head_chain.links if planned.head_chain else ()
        assert not any(link.is_guess for link in links)
        return {link.name: link.image.spec for link in links}

    def change(self, files: Mapping[str, str | None]) -> ReviewRequest:
        """Commit files, and return the request to review that."""
        base = self.repository.git("rev-parse", "HEAD")
        head = self.repository.commit(dict(files))
        revisions = [
            ReviewedRevision(self.git.resolve_revision(sha), sha[:12]) for sha in (base, head)
        ]
        configs = read_configs(self.git, ConfigSources(), head, base)
        return ReviewRequest(revisions[1], configs, revisions[0])


@pytest.fixture
def world(tmp_path: Path, printer: BakePrinter) -> Iterator[World]:
    with ExitStack() as stack:
        yield World(tmp_path / "repository", printer, stack)


def test_what_is_excluded_is_so_in_compose_as_well(world: World) -> None:
    images = world.declare(FILES)
    assert {name: x.context_source for name, x in images.items()} == {
        "api/Dockerfile": ContextSource.COMPOSE
    }


@pytest.mark.parametrize(
    ("config", "names"),
    [
        ("compose: [compose.yaml]", {"api/Dockerfile", "tests/e2e/Dockerfile"}),
        ("compose: [compose.yaml]\nexclude: ['**/e2e/**']", {"api/Dockerfile"}),
        ("discover: false\ncompose: [compose.yaml]", {"api/Dockerfile", "tests/e2e/Dockerfile"}),
        ("discover: false", set()),
    ],
)
def test_a_configuration_names_the_files_that_count(
    world: World, config: str, names: set[str]
) -> None:
    assert world.declare({**FILES, CONFIG: config}).keys() == names


def test_without_files_the_context_is_inferred(world: World) -> None:
    images = world.declare({**FILES, CONFIG: "compose: []"})
    assert images["api/Dockerfile"].context == "api"


def test_a_usual_file_that_is_not_read_is_named(world: World) -> None:
    world.declare({**FILES, "docker-compose.yml": "services: {}"})
    request = world.change({"api/Dockerfile": "FROM scratch\n"})
    left_out = list_left_out(world.git, request, [], world.contexts.build_files)
    reasons = {item.path: item.reason for item in left_out}
    assert reasons["docker-compose.yml"].startswith(
        "docker compose reads compose.yaml in its place"
    )
    report = add_not_reviewed(world.git, Report(Mode.REVIEW, ()), request, world.contexts)
    assert [x for x in report.notes if x.startswith("docker-compose.yml is not read: ")]
    assert left_out == report.not_reviewed


def list_unread(world: World, files: Mapping[str, str | None]) -> tuple[list[str], list[str]]:
    """Return the files of folders that are not read, and what the report says of them."""
    world.declare(files)
    request = world.change({"changed": ""})
    specs = [image.spec for image in world.plan(request)]
    left_out = list_left_out(world.git, request, specs, world.contexts.build_files)
    paths = [item.path for item in left_out if item.reason.startswith("not at the top")]
    unread = list_unread_files(world.git, request, specs, world.contexts.build_files)
    return paths, [files.describe() for files in unread]


def test_files_of_folders_that_build_other_images_are_named(world: World) -> None:
    files = {
        **FILES,
        "web/Dockerfile": "FROM scratch AS dev\nFROM scratch AS prod\n",
        "web/compose.yaml": "services: {dev: {build: {context: ., target: dev}}}",
        "job/Dockerfile": "FROM scratch\n",
        "job/docker-compose.yml": "services: {job: {build: {args: {A: 1}}}}",
        "job/docker-bake.hcl": 'target "default" {}',
    }
    paths, notes = list_unread(world, files)
    assert paths == ["job/docker-compose.yml", "web/compose.yaml", "job/docker-bake.hcl"]
    assert notes == [
        "Not read: job/docker-compose.yml, web/compose.yaml. They build other images, or build "
        "them in another way, and only compose files at the top are read by default. If that "
        "matters, write `compose: [compose.yaml, job/docker-compose.yml, web/compose.yaml]` in the "
        "configuration.",
        "Not read: job/docker-bake.hcl. It builds other images, or builds them in another way, and "
        "only bake files at the top are read by default. If that matters, write "
        "`bake: [job/docker-bake.hcl]` in the configuration.",
    ]
    config = "compose: [compose.yaml, job/docker-compose.yml, web/compose.yaml]\nbake: []"
    assert list_unread(world, {CONFIG: config}) == ([], [])
    assert {*world.declare({})} >= {"web/Dockerfile", "web/Dockerfile:dev", "job/Dockerfile"}


def test_files_of_folders_that_say_nothing_new_are_not_named(world: World) -> None:
    files = {
        "web/Dockerfile": "FROM scratch AS prod\n",
        "web/compose.yaml": "services: {web: {image: x, build: {context: ., target: prod}}}",
        "db/compose.yaml": "services: {db: {image: postgres}}",
        "gone/compose.yaml": "services: {gone: {build: .}}",
        "tests/e2e/docker-compose.yml": "services: {e2e: {build: {args: {A: 1}}}}",
        "tests/docker-bake.hcl": 'target "default" {}',
        "dev/compose.yaml": "services: {e2e: {build: {context: ../tests/e2e, args: {A: 1}}}}",
        "shared/compose.yaml": "services: {extra: {build: {context: ../api, target: x}}}",
        "compose.yaml": "include: [shared/compose.yaml]",
    }
    assert list_unread(world, {**FILES, **files}) == ([], [])
    assert list_unread(world, {CONFIG: "discover: false", "web/Dockerfile": None}) == ([], [])


def test_what_a_compose_file_gives_a_build_in_vain_is_said(world: World) -> None:
    build = "{context: api, network: host, secrets: [npm], shm_size: 1gb, cache_from: [x]}"
    files = {**FILES, "compose.yaml": f"services: {{my.api: {{build: {build}}}}}"}
    world.declare(files)
    request = world.change({"api/a": ""})
    report = add_not_reviewed(world.git, Report(Mode.REVIEW, ()), request, world.contexts)
    assert report.notes[-1] == (
        "my_api of compose.yaml is built without network, secrets, shm_size, cache_from: set "
        "`network`, `secrets` as inputs, options or in the configuration of the base branch; shm_size, "
        "cache_from cannot be set for a review."
    )


def test_what_a_bake_file_gives_builds_in_vain_is_said(world: World) -> None:
    bake = """
        target "default" {
          context = "api"
          secret = ["id=npm,env=NPM"]
          cache-from = ["type=gha"]
        }
        """
    world.declare({**FILES, "docker-bake.hcl": bake})
    request = world.change({"api/a": ""})
    report = add_not_reviewed(world.git, Report(Mode.REVIEW, ()), request, world.contexts)
    assert report.notes[-1] == (
        "default of docker-bake.hcl is built without secret, cache-from: set `secrets` as inputs, "
        "options or in the configuration of the base branch; cache-from cannot be set for a review."
    )


def test_an_option_that_one_image_of_a_bake_file_has_is_missing_for_the_others(
    world: World,
) -> None:
    bake = """
        group "default" { targets = ["api", "web", "job", "plain"] }
        target "_private" { secret = ["id=npm,env=NPM"] }
        target "api" {
          inherits = ["_private"]
          context = "api"
        }
        target "web" {
          inherits = ["_private"]
          context = "web"
        }
        target "job" {
          inherits = ["web"]
          context = "job"
        }
        target "plain" { context = "plain" }
        """
    folders = ("web", "job", "plain")
    config = "images: [{dockerfile: api/Dockerfile, secret-envs: [npm=NPM]}]"
    files = {f"{name}/Dockerfile": "FROM scratch\n" for name in folders}
    world.declare({**FILES, **files, "docker-bake.hcl": bake, CONFIG: config})
    request = world.change({"api/a": ""})
    images = [image.head for image in world.plan(request) if image.head]
    sha, config_read = request.head.commit.sha, request.configs.head
    builds = read_builds(world.git, sha, config_read, world.contexts.build_files)
    assert list(describe_unused_options(builds, images, request)) == [
        "job, web of docker-bake.hcl are built without secret: set `secrets` as inputs, options or "
        "in the configuration of the base branch."
    ]


NEEDS = BuildNeeds(ssh=("default",), add_hosts=("db=10.0.0.1",))


@pytest.mark.parametrize(
    ("config", "overrides", "compose", "bake"),
    [
        ("{}", Overrides(), "network, extra_hosts, ssh, shm_size", "secret, ssh, cache-to"),
        ("{}", Overrides(needs=NEEDS), "network, shm_size", "secret, cache-to"),
        (
            "images: [{dockerfile: api/Dockerfile, network: host, add-hosts: {db: 10.0.0.1}}]",
            Overrides(),
            "ssh, shm_size",
            "secret, ssh, cache-to",
        ),
        (
            "defaults: {secret-envs: [npm=NPM], ssh: [default], network: host}",
            Overrides(),
            "extra_hosts, shm_size",
            "cache-to",
        ),
    ],
)
def test_what_base_or_the_caller_sets_is_not_said_to_be_missing(
    world: World, config: str, overrides: Overrides, compose: str, bake: str
) -> None:
    build = (
        "{context: api, network: host, extra_hosts: ['db:10.0.0.1'], ssh: [default], shm_size: 1gb}"
    )
    target = """
        target "default" {
          context = "web"
          secret = ["id=npm,env=NPM"]
          ssh = ["default"]
          cache-to = ["type=gha"]
        }
        """
    files = {
        "compose.yaml": f"services: {{api: {{build: {build}}}}}",
        "docker-bake.hcl": target,
        "web/Dockerfile": "FROM scratch\n",
        CONFIG: config,
    }
    world.declare({**FILES, **files})
    # What the change itself sets counts for the next one.
    request = world.change({CONFIG: "defaults: {network: none, add-hosts: {a: 10.0.0.1}}"})
    request = replace(request, overrides=overrides)
    images = [image.head for image in world.plan(request) if image.head]
    builds = read_builds(
        world.git, request.head.commit.sha, request.configs.head, world.contexts.build_files
    )
    for specs in (images, []):  # those of a report, and of one about other images
        notes = list(describe_unused_options(builds, specs, request))
        assert [note.partition(": ")[0] for note in notes] == [
            f"default of docker-bake.hcl is built without {bake}",
            f"api of compose.yaml is built without {compose}",
        ]


def test_a_listed_image_keeps_the_context_that_compose_declares(world: World) -> None:
    config = "images: [{name: api, dockerfile: api/Dockerfile, budget: {max-size: 1MB}}]"
    images = world.declare({**FILES, CONFIG: config})
    assert (images["api"].context, images["api"].budget.max_size) == (".", 1_000_000)


@pytest.mark.parametrize("text", ["discover: false", "compose: []", "exclude: ['**']"])
def test_a_first_configuration_takes_no_stage_out_of_the_review(world: World, text: str) -> None:
    compose = """
        services:
          api: {build: {context: api}}
          debug: {build: {context: api, target: debug}}
        """
    stages = "FROM scratch AS debug\nFROM scratch\n"
    base = world.repository.commit({"compose.yaml": compose, "api/Dockerfile": stages})
    head = world.repository.commit({CONFIG: text})
    configs = read_configs(world.git, ConfigSources(), head, base)
    declared = declare_base_images(
        world.git, base, configs, Overrides(), world.contexts, with_discovered=True
    )
    assert sorted(spec.target or "" for spec in declared.specs) == ["", "debug"]


def test_a_file_that_a_change_breaks_is_a_warning(world: World) -> None:
    world.declare(FILES)
    (change,) = world.list_broken_files({"compose.yaml": "services: ["})
    assert (change.result, change.file) == (Outcome.WARN, "compose.yaml")
    assert "cannot be read" in change.after
    # What was broken before is a note.
    assert world.list_broken_files({"api/Dockerfile": "FROM scratch\n"}) == ()
    assert world.list_broken_files({"compose.yaml": FILES["compose.yaml"]}) == ()


@pytest.mark.parametrize(
    ("build", "subject"),
    [
        ("{context: api}", "the context of the image api/Dockerfile"),
        (
            "{context: ., dockerfile: api/Dockerfile, args: {A: b}}",
            "the build arguments of the image api/Dockerfile",
        ),
    ],
)
def test_another_build_in_a_file_is_a_change_of_the_rules(
    world: World, build: str, subject: str
) -> None:
    world.declare({**FILES, CONFIG: "budget: {max-growth: 1MB}"})
    changes = world.list_gate_changes({"compose.yaml": f"services: {{api: {{build: {build}}}}}"})
    assert [(x.subject, x.result, x.file) for x in changes] == [
        (subject, Outcome.WARN, "compose.yaml")
    ]


def test_a_build_whose_dockerfile_moved_is_told_where_it_is_reviewed(world: World) -> None:
    world.declare({**FILES, CONFIG: "budget: {max-growth: 1MB}"})
    moved = {"api/Dockerfile": None, "api/Containerfile": FILES["api/Dockerfile"]}
    request = world.change(moved)
    changes = list_rule_changes(world.git, request, world.plan(request), world.contexts)
    assert (changes[0].subject, changes[0].before, changes[0].after) == (
        "the build api of compose.yaml",
        "reviewed",
        "not reviewed: its Dockerfile is api/Containerfile now",
    )


def test_a_change_of_a_declaration_names_the_file_that_has_it(world: World) -> None:
    config = "images: [{name: api, dockerfile: api/Dockerfile, build-args: {A: %s}}]"
    world.declare({**FILES, CONFIG: config % "1"})
    (change,) = world.list_gate_changes({CONFIG: config % "2"})
    assert change.file == CONFIG
    compose = "services: {api: {build: {context: api}}}"
    (change,) = world.list_gate_changes({"compose.yaml": compose})
    assert (change.subject, change.file) == ("the context of the image api", "compose.yaml")


def test_another_base_image_names_the_file_that_says_so(world: World) -> None:
    world.declare(SIBLINGS)
    compose = str(SIBLINGS["compose.yaml"]).replace("base/Dockerfile", "tests/base/Dockerfile")
    files = {x.subject: x.file for x in world.list_gate_changes({"compose.yaml": compose})}
    assert files["the base image org/base:latest"] == "compose.yaml"


def test_a_stage_that_a_file_no_longer_names_is_still_reviewed(world: World) -> None:
    stages = "FROM scratch AS dev\nCOPY . /\nFROM scratch\n"
    build = "{context: ., dockerfile: api/Dockerfile, target: dev}"
    compose = f"services: {{api: {{build: {build}}}}}"
    world.declare({**FILES, "api/Dockerfile": stages, "compose.yaml": compose})
    changes = world.list_gate_changes({"compose.yaml": "services: {api: {image: api}}"})
    assert "the image api/Dockerfile:dev (api/Dockerfile)" in [x.subject for x in changes]


# The base image is declared where nobody reviews it, and its own context would not do.
ON_EXCLUDED: dict[str, str | None] = {
    "tests/base/Dockerfile": "ARG V\nFROM scratch AS small\nCOPY libs /\nFROM scratch\n",
    "libs/a": "a",
    "api/Dockerfile": "FROM org/base\nCOPY app /\n",
    "api/app": "1",
    "compose.yaml": """
        services:
          base:
            image: org/base
            build:
              {context: ., dockerfile: tests/base/Dockerfile, target: small, args: {V: "1"}}
          api: {build: api}
        """,
}


def test_an_excluded_build_is_a_base_image_as_its_file_declares_it(world: World) -> None:
    world.declare(ON_EXCLUDED)
    (image,) = world.plan(world.change({"libs/a": "other"}))
    base = world.find_bases(image)["org/base"]
    assert (base.dockerfile, base.context, base.target, base.build_args) == (
        *("tests/base/Dockerfile", ".", "small"),
        {"V": "1"},
    )
    assert (image.spec.name, image.state) == ("api/Dockerfile", ImageState.CHANGED)
    assert image.base_doubts == ()


@pytest.mark.parametrize("text", ["discover: false", "exclude: ['**/base/**']"])
def test_a_configuration_that_leaves_a_build_out_keeps_it_as_a_base_image(
    world: World, text: str
) -> None:
    images = "images: [{name: api, dockerfile: api/Dockerfile}]"
    world.declare({**ON_EXCLUDED, CONFIG: f"{text}\n{images}"})
    (image,) = world.plan(world.change({"libs/a": "other"}))
    assert world.find_bases(image)["org/base"].target == "small"


def test_a_listed_image_is_built_as_a_file_declares_it_also_where_it_is_excluded(
    world: World,
) -> None:
    config = "images: [{name: base, dockerfile: tests/base/Dockerfile, target: small}]"
    images = world.declare({**ON_EXCLUDED, CONFIG: config})
    assert (images["base"].context, images["base"].build_args) == (".", {"V": "1"})
    assert images.keys() == {"base", "api/Dockerfile"}


def test_a_named_context_may_be_an_excluded_build(world: World) -> None:
    build = "{context: api, additional_contexts: {org/base: 'service:base'}}"
    text = f"""
        services:
          base: {{build: tests/base}}
          api: {{build: {build}}}
        """
    world.declare({**ON_EXCLUDED, "compose.yaml": text})
    (image,) = world.plan(world.change({"api/app": "2"}))
    assert image.head_chain
    assert image.head_chain.problem == ""
    assert world.find_bases(image)["org/base"].dockerfile == "tests/base/Dockerfile"


SIBLINGS: dict[str, str | None] = {
    **ON_EXCLUDED,
    "base/Dockerfile": "FROM scratch\nCOPY libs /\n",
    "os/Dockerfile": "FROM org/base\n",
    "api/Dockerfile": "FROM org/os\nCOPY --from=tools /a /\nCOPY --from=org/base /b /\n",
    "tools/Dockerfile": "FROM scratch\nCOPY a /\n",
    "tools/a": "a",
    "compose.yaml": """
        services:
          base: {image: org/base, build: {context: ., dockerfile: base/Dockerfile, args: {V: "1"}}}
          tools: {build: tools}
          api: {build: {context: ., dockerfile: api/Dockerfile, args: {X: "1"},
                additional_contexts: {tools: 'service:tools'}}}
        """,
    CONFIG: "images: [{name: os, dockerfile: os/Dockerfile, provides: [org/os]}]",
}


def test_a_single_image_is_built_on_the_images_of_the_repository(world: World) -> None:
    world.declare(SIBLINGS)
    request = world.change({"libs/a": "other"})
    overrides = Overrides(dockerfile="api/Dockerfile", context="api", build_args={"Y": "2"})
    (image,) = world.plan(replace(request, overrides=overrides))
    bases = world.find_bases(image)
    assert {name: spec.dockerfile for name, spec in bases.items()} == {
        "org/os": "os/Dockerfile",
        "org/base": "base/Dockerfile",
        "tools": "tools/Dockerfile",
    }
    assert image.state is ImageState.CHANGED
    assert (image.spec.context, image.spec.build_args) == ("api", {"Y": "2"})
    # What the caller says is of the image that he names.
    assert (bases["org/base"].context, bases["org/base"].build_args) == (".", {"V": "1"})


@pytest.mark.parametrize(
    ("dockerfile", "name"), [("api/Dockerfile", "org/os"), ("os/Dockerfile", "org/base")]
)
def test_a_change_gives_no_network_to_what_a_single_image_is_built_on(
    world: World, dockerfile: str, name: str
) -> None:
    image = "{name: os, dockerfile: os/Dockerfile, provides: [org/os], network: %s}"
    world.declare({**SIBLINGS, CONFIG: f"images: [{image % 'none'}]"})
    config = f"images: [{image % 'host'}]\ndefaults: {{network: host}}"
    request = world.change({CONFIG: config, "libs/a": "other"})
    (planned,) = world.plan(replace(request, overrides=Overrides(dockerfile=dockerfile)))
    base = world.find_bases(planned)[name]
    assert base.needs.network == ("none" if name == "org/os" else None)


def test_nothing_but_the_single_image_is_reviewed(world: World) -> None:
    world.declare(SIBLINGS)
    request = world.change({"libs/a": "other"})
    planned = world.plan(replace(request, overrides=Overrides(dockerfile="tools/Dockerfile")))
    assert [(x.spec.name, x.state) for x in planned] == [("tools/Dockerfile", ImageState.UNCHANGED)]


def test_a_file_that_may_declare_the_base_of_a_single_image_is_named_if_broken(
    world: World,
) -> None:
    world.declare(SIBLINGS)
    request = world.change({"compose.yaml": "services: ["})
    request = replace(request, overrides=Overrides(dockerfile="api/Dockerfile"))
    report = add_not_reviewed(world.git, Report(Mode.REVIEW, ()), request, world.contexts)
    (note,) = report.notes
    assert note.startswith("compose.yaml cannot be read, so that it is not known if it declares a ")


def build_stages(*names: str) -> dict[str, str | None]:
    """Return a Dockerfile with stages, each of them a service, and a last stage."""
    stages = "".join(f"FROM scratch AS {name}\nCOPY . /\n" for name in names)
    services = ", ".join(f"{x}: {{build: {{context: ., target: {x}}}}}" for x in names)
    return {
        "Dockerfile": f"{stages}FROM scratch AS last\nCOPY app /\n",
        "compose.yaml": f"services: {{{services}}}",
    }


def test_a_stage_with_another_name_is_the_same_image(world: World) -> None:
    world.declare({**build_stages("dev"), "app": "1", CONFIG: "budget: {max-growth: 1MB}"})
    request = world.change(build_stages("debug"))
    planned = world.plan(request)
    pairs = [(x.base and x.base.target, x.head and x.head.target, x.is_dropped) for x in planned]
    assert sorted(pairs, key=str) == [("dev", "debug", False), (None, None, False)]
    (change,) = list_gate_changes(world.git, request, planned, world.contexts)
    assert (change.subject, change.result) == (
        "the target of the image Dockerfile:debug",
        Outcome.WARN,
    )


def test_nobody_knows_which_of_two_stages_has_another_name(world: World) -> None:
    world.declare({**build_stages("dev", "test"), "app": "1"})
    planned = world.plan(world.change(build_stages("debug", "check")))
    states = {image.spec.target: image.state for image in planned}
    assert states["debug"] is states["check"] is ImageState.NEW
    assert states["dev"] is states["test"] is ImageState.REMOVED
    beside = [image.removed_beside for image in planned if image.state is ImageState.NEW]
    assert beside == [("Dockerfile:dev", "Dockerfile:test")] * 2


def test_a_stage_that_is_gone_is_not_built(world: World) -> None:
    world.declare({**build_stages("dev", "test"), "app": "1"})
    planned = world.plan(world.change(build_stages("test")))
    assert {x.spec.target: x.state for x in planned if x.head is None} == {
        "dev": ImageState.REMOVED
    }


def test_a_new_configuration_beside_compose_and_bake_is_the_same_when_written_again(
    world: World,
) -> None:
    bake = """
        group "default" { targets = ["api", "debug"] }
        target "base" { context = "base" }
        target "api" {
          name = "api-${v}"
          matrix = { v = ["1", "2"] }
          context = "api"
          contexts = { base = "target:base" }
          args = { V = v }
        }
        target "debug" {
          context = "worker"
          target = "debug"
        }
        """
    services = """
        services:
          worker: {build: {context: worker, platforms: [linux/amd64, linux/arm64]}}
          tool: {build: {context: ., dockerfile: tool/Dockerfile, platforms: [linux/arm64]}}
        """
    files = {
        "docker-bake.hcl": bake,
        "compose.yaml": services,
        "base/Dockerfile": "FROM scratch\n",
        "api/Dockerfile": "ARG V\nFROM base\n",
        "worker/Dockerfile": "FROM scratch AS debug\nFROM scratch\n",
        "tool/Dockerfile": "FROM scratch\n",
    }

    def declare(changes: Mapping[str, str]) -> tuple[ImageSpec, ...]:
        sha = world.repository.commit(dict(changes))
        config = read_configs(world.git, ConfigSources(), sha).head
        declared = declare_images(world.git, sha, config, Overrides(), world.contexts).specs
        return tuple(sorted(declared, key=lambda spec: (spec.name, spec.platform or "")))

    def write(specs: tuple[ImageSpec, ...]) -> str:
        origin = ConfigOrigin("init", "today", 10)
        return write_config([AuditedImage(spec, 1_000_000) for spec in specs], origin)

    before = declare(files)
    text = write(before)
    after = declare({CONFIG: text})
    assert len(before) == 7
    assert write(after) == text
    assert {spec.budget.max_size for spec in after} == {1_100_000}
    assert tuple(replace(spec, budget=before[0].budget) for spec in after) == before


def test_other_compose_files_by_the_variables_take_nothing_out_of_the_review(world: World) -> None:
    stages = "FROM scratch AS dev\nCOPY . /\nFROM scratch\n"
    dev = "services: {api: {build: {context: api, target: dev}}}"
    files = {"api/Dockerfile": stages, "dev.yaml": dev, "compose.yaml": "services: {}"}
    world.declare({**files, ".env": "COMPOSE_FILE=dev.yaml"})
    changes = world.list_gate_changes({".env": "COMPOSE_FILE=compose.yaml"})
    assert "the image api/Dockerfile:dev (api/Dockerfile)" in [x.subject for x in changes]
    assert {x.result for x in changes} == {Outcome.WARN}


def test_variables_that_a_change_breaks_are_a_warning(world: World) -> None:
    world.declare(FILES)
    (change,) = world.list_broken_files({".env": "COMPOSE_FILE=../x.yaml"})
    assert (change.result, change.file) == (Outcome.WARN, ".env")
