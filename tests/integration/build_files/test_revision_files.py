"""Compose and bake files of commits: only what a commit holds is read."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from bot.adapters.docker.bake import BakePrinter
from bot.adapters.git.repository import GitRepository
from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.line.bake_files import BuildFileReader, RevisionBuilds
from bot.line.dockerfiles import Dockerfiles
from bot.model.spec import Budget, ContextSource, ImageSpec
from bot.project.build_file_images import merge_images
from bot.project.image_plan import discover_images
from tests.support.repository import Repository

FROM = "FROM scratch\n"
# Two services take the top as their context, one image is another's base, one needs arguments.
MONOREPO: dict[str, str | None] = {
    "base/Dockerfile": FROM,
    "services/api/Dockerfile": "FROM org/base\n",
    "services/worker/Dockerfile": f"{FROM}COPY libs /libs\n",
    "services/report/Dockerfile": "ARG TAG\nFROM python:$TAG AS dev\nFROM dev\n",
    "services/web/Dockerfile": FROM,
    "libs/util.py": "",
    "compose.yaml": """
        services:
          base: {build: ./base, image: org/base}
          api: {build: ./services/api, depends_on: [base], env_file: .env}
          worker: {build: {context: ., dockerfile: services/worker/Dockerfile}}
          report: {build: {context: services/report, args: {TAG: 3.12-slim}, target: dev}}
        """,
    "docker-bake.hcl": """
        group "default" { targets = ["base", "api"] }
        target "base" {
          context = "base"
          tags = ["org/base"]
        }
        target "api" {
          context = "services/api"
          contexts = { "org/base" = "target:base" }
        }
        """,
}
COMPOSE_ALONE = {path: text for path, text in MONOREPO.items() if path != "docker-bake.hcl"}


class Reader:
    """Reads the files of a repository's last commit."""

    def __init__(self, repository: Repository, printer: BakePrinter, git: GitRepository) -> None:
        self.repository, self.git = repository, git
        self.reader = BuildFileReader(git, Dockerfiles(git, DockerfileReader()), printer)

    def read(
        self, files: Mapping[str, str | None], **names: tuple[str, ...] | None
    ) -> RevisionBuilds:
        sha = self.repository.commit(dict(files))
        return self.reader.read(sha, self.git.list_files(sha), **names)

    def plan(self, files: Mapping[str, str | None]) -> dict[str, ImageSpec]:
        builds = self.read(files)
        assert (builds.skipped, builds.problems) == ((), ())
        tree = self.git.list_files(self.repository.git("rev-parse", "HEAD"))
        return {x.name: x for x in merge_images(discover_images(tree, Budget()), builds.builds)}


@pytest.fixture
def reader(tmp_path: Path, printer: BakePrinter) -> Iterator[Reader]:
    repository = Repository(tmp_path / "repository")
    with GitRepository(repository.path, os.environ) as git:
        yield Reader(repository, printer, git)


def test_a_monorepo_is_planned_as_its_files_say(reader: Reader) -> None:
    images = reader.plan(MONOREPO)
    assert {name: (x.context, x.context_source.value) for name, x in images.items()} == {
        "base/Dockerfile": ("base", "bake"),
        "services/api/Dockerfile": ("services/api", "bake"),
        "services/report/Dockerfile": ("services/report", "compose"),
        "services/report/Dockerfile:dev": ("services/report", "compose"),
        "services/web/Dockerfile": ("services/web", "default"),
        "services/worker/Dockerfile": (".", "compose"),
    }
    assert images["base/Dockerfile"].provides == ("org/base",)
    assert images["services/api/Dockerfile"].build_contexts == {
        "org/base": "target:base/Dockerfile"
    }
    assert images["services/report/Dockerfile"].build_args == {"TAG": "3.12-slim"}


@pytest.mark.parametrize(
    "name", ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"]
)
def test_each_usual_name_of_a_compose_file_is_read(reader: Reader, name: str) -> None:
    (build,) = reader.read({"web/Dockerfile": FROM, name: "services: {web: {build: web}}"}).builds
    assert (build.file.path, build.spec.context) == (name, "web")


@pytest.mark.parametrize("name", ["docker-bake.override.json", "docker-bake.override.hcl"])
def test_an_override_file_of_bake_replaces_what_the_others_say(reader: Reader, name: str) -> None:
    target = '{"target": {"default": {"context": "web", "args": {"TAG": "%s"}}}}'
    hcl = 'target "default" { args = { TAG = "3.12" } }'
    override = target % "3.12" if name.endswith("json") else hcl
    files = {"web/Dockerfile": FROM, "docker-bake.json": target % "3.11", name: override}
    (build,) = reader.read(files).builds
    assert build.spec.build_args == {"TAG": "3.12"}


def test_each_revision_has_its_own_files(reader: Reader) -> None:
    first = reader.read(MONOREPO)
    second = reader.read({"compose.yaml": "services: {web: {build: services/web}}"})
    assert [len(x.builds) for x in (first, second)] == [2 + 4, 2 + 1]


def test_a_broken_file_is_named_and_the_others_are_read(reader: Reader) -> None:
    builds = reader.read({**MONOREPO, "docker-bake.hcl": 'target "a" {'})
    (problem,) = builds.problems
    assert problem.paths == ("docker-bake.hcl",)
    assert "docker-bake.hcl:1" in problem.reason
    assert {build.file.source for build in builds.builds} == {ContextSource.COMPOSE}


def test_a_broken_compose_file_does_not_hide_the_other_one(reader: Reader) -> None:
    files = {**MONOREPO, "other.yml": "services: ["}
    builds = reader.read(files, compose=("compose.yaml", "other.yml"), bake=())
    assert [problem.paths for problem in builds.problems] == [("other.yml",)]
    assert len(builds.builds) == 4


def test_the_first_usual_compose_file_is_read_alone_as_by_docker_compose(reader: Reader) -> None:
    other = "services: {web: {build: services/web}, api: {build: services/web}}"
    names = ("compose.yml", "docker-compose.yml", "docker-compose.yaml")
    files = {**COMPOSE_ALONE, **dict.fromkeys(names, other)}
    builds = reader.read(files)
    assert sorted(x.spec.name for x in builds.builds) == ["api", "base", "report", "worker"]
    assert [(x.path, x.read_path) for x in builds.unread] == [(x, "compose.yaml") for x in names]
    second = reader.read({"compose.yaml": None})
    assert {x.file.path for x in second.builds} == {"compose.yml"}
    assert reader.read(files, compose=("compose.yaml",)).unread == ()


def test_a_file_that_overrides_compose_is_read_with_it(reader: Reader) -> None:
    override = """
        services:
          base: {build: {args: {A: "1"}}}
          worker: {image: redis, build: !reset null, ports: !override ["80:80"]}
          report: {build: !override {context: services/web}}
        """
    files = {
        **COMPOSE_ALONE,
        "docker-compose.override.yml": override,
        "docker-compose.override.yaml": "services: [",
    }
    builds = reader.read(files)
    assert builds.problems == ()
    assert {x.spec.name: (x.spec.context, x.spec.build_args) for x in builds.builds} == {
        "api": ("services/api", {}),
        "base": ("base", {"A": "1"}),
        "report": ("services/web", {}),
    }
    assert [x.path for x in builds.unread] == ["docker-compose.override.yaml"]


PROJECT: dict[str, str | None] = {
    "web/Dockerfile": FROM,
    "compose.yaml": "services: {web: {build: {context: web, args: {TAG: '1'}}}}",
    "dev.yaml": "services: {web: {build: {args: {MODE: '${MODE:-none}'}}}}",
}


@pytest.mark.parametrize(
    ("variables", "arguments"),
    [
        ("COMPOSE_FILE=compose.yaml:dev.yaml\nMODE=dev", {"TAG": "1", "MODE": "dev"}),
        (
            'COMPOSE_PATH_SEPARATOR=;\nexport COMPOSE_FILE="compose.yaml;./${D:-dev}.yaml" # x',
            {"TAG": "1", "MODE": "none"},
        ),
        ("COMPOSE_FILE=\n", {"TAG": "1"}),
        ("# COMPOSE_FILE=dev.yaml\n", {"TAG": "1"}),
        ("MODE=dev\n", {"TAG": "1"}),
    ],
)
def test_a_file_of_variables_names_the_compose_files(
    reader: Reader, variables: str, arguments: dict[str, str]
) -> None:
    builds = reader.read({**PROJECT, ".env": variables})
    assert builds.problems == ()
    assert [build.spec.build_args for build in builds.builds] == [arguments]


def test_what_a_file_of_variables_leaves_out_is_unread(reader: Reader) -> None:
    files = {**PROJECT, ".env": "COMPOSE_FILE=dev.yaml", "dev.yaml": PROJECT["compose.yaml"]}
    builds = reader.read(files)
    assert [build.file.path for build in builds.builds] == ["dev.yaml"]
    assert [(x.path, x.read_path) for x in builds.unread] == [
        ("compose.yaml", "dev.yaml (COMPOSE_FILE of .env)")
    ]
    # The configuration outranks it.
    assert reader.read({}, compose=("compose.yaml",)).builds[0].file.path == "compose.yaml"
    assert reader.read({}, compose=()).builds == ()


def test_files_of_variables_are_read_at_the_top_and_beside_the_first_compose_file(
    reader: Reader,
) -> None:
    arguments = "{TAG: '${TAG}', MODE: '${MODE}'}"
    files = {
        "deploy/web/Dockerfile": FROM,
        "deploy/compose.yaml": f"services: {{web: {{build: {{context: web, args: {arguments}}}}}}}",
        "more.yaml": "services: {web: {build: {args: {MORE: '1'}}}}",
        "deploy/.env": "TAG=2\nMODE=deploy",
        ".env": "COMPOSE_FILE=deploy/compose.yaml:more.yaml\nMODE=top",
    }
    (build,) = reader.read(files).builds
    assert build.spec.context == "deploy/web"
    assert build.spec.build_args == {"TAG": "2", "MODE": "top", "MORE": "1"}


@pytest.mark.parametrize("path", ["../compose.yaml", "/etc/compose.yaml", "$X.yaml", "-"])
def test_a_file_of_variables_leads_out_of_no_repository(reader: Reader, path: str) -> None:
    builds = reader.read({**PROJECT, ".env": f"COMPOSE_FILE='{path}'"})
    assert builds.builds == ()
    (problem,) = builds.problems
    assert "not in the repository" in problem.reason or "no file '-'" in problem.reason


def test_a_file_of_variables_that_cannot_be_read_is_named(reader: Reader) -> None:
    (problem,) = reader.read({**PROJECT, ".env": "COMPOSE_FILE=dev.yaml\nA B=1"}).problems
    assert problem.paths == (".env",)


def test_a_variable_that_a_build_requires_can_be_set(reader: Reader) -> None:
    service = "{build: {context: web, args: {TAG: '${TAG:?set TAG}'}}}"
    db = "{image: db, environment: {PASSWORD: '${PASSWORD:?}'}}"
    files = {"web/Dockerfile": FROM, "compose.yaml": f"services: {{web: {service}, db: {db}}}"}
    (problem,) = reader.read(files).problems
    assert "required variable TAG is missing a value: set TAG (" in problem.reason
    assert "`.env` beside the file sets a variable" in problem.reason
    (build,) = reader.read({".env": "TAG=2"}).builds
    assert build.spec.build_args == {"TAG": "2"}


def test_a_compose_file_with_the_name_of_a_bake_file_reads_nothing_of_the_machine(
    reader: Reader, tmp_path: Path
) -> None:
    secrets = tmp_path / "secrets"
    secrets.write_text("TOKEN=s3cret\n")
    service = f"{{build: {{context: web, args: [TOKEN]}}, env_file: {secrets}}}"
    text = f"services: {{web: {service}}}"
    for name in ("bake.txt", "bake", "bake.YAML"):
        builds = reader.read({"web/Dockerfile": FROM, name: text}, bake=(name,), compose=())
        assert [build.spec.build_args for build in builds.builds] == [{}], name
    for name in ("bake.hcl", "bake.json"):
        builds = reader.read({"web/Dockerfile": FROM, name: text}, bake=(name,), compose=())
        assert (builds.builds, len(builds.problems)) == ((), 1)


def test_a_broken_override_leaves_what_it_overrides(reader: Reader) -> None:
    files = {**COMPOSE_ALONE, "compose.override.yaml": "services: ["}
    builds = reader.read(files)
    assert len(builds.builds) == 4
    assert [problem.paths for problem in builds.problems] == [("compose.override.yaml",)]


def test_an_override_of_nothing_is_not_read(reader: Reader) -> None:
    text = "services: {web: {build: services/web}}"
    builds = reader.read({"services/web/Dockerfile": FROM, "compose.override.yaml": text})
    assert (builds.builds, builds.unread) == ((), ())


def test_bake_reads_all_usual_files_and_the_last_one_counts(reader: Reader) -> None:
    args = 'target "%s" { args = { A = "%s" } }'
    files = {
        **{path: text for path, text in MONOREPO.items() if path != "compose.yaml"},
        "docker-bake.json": '{"target": {"base": {"args": {"A": "json", "B": "json"}}}}',
        "docker-bake.override.json": '{"target": {"api": {"args": {"A": "over"}}}}',
        "docker-bake.override.hcl": args % ("base", "hcl"),
    }
    builds = reader.read(files)
    assert {x.spec.name: (x.spec.context, x.spec.build_args) for x in builds.builds} == {
        "api": ("services/api", {"A": "over"}),
        "base": ("base", {"A": "hcl", "B": "json"}),
    }


def test_a_bake_file_may_go_on_from_compose(reader: Reader) -> None:
    text = 'group "default" { targets = ["api"] }\n'
    text += 'target "api" { args = { A = "1" } }\ntarget "all" { inherits = ["base"] }'
    builds = reader.read({**MONOREPO, "docker-bake.hcl": text})
    assert builds.problems == ()
    assert [
        (build.spec.name, build.spec.context, build.spec.build_args)
        for build in builds.builds
        if build.file.source is ContextSource.BAKE
    ] == [("api", "services/api", {"A": "1"})]


def test_files_can_be_named_and_left_out(reader: Reader) -> None:
    files = {**MONOREPO, "deploy/stack.yml": "services: {web: {build: ../services/web}}"}
    builds = reader.read(files, compose=("deploy/stack.yml",), bake=())
    assert [x.spec.dockerfile for x in builds.builds] == ["services/web/Dockerfile"]
    missing = reader.read(files, compose=("nothing.yaml",), bake=())
    assert "no file 'nothing.yaml'" in missing.problems[0].reason


def test_bake_files_in_a_folder_are_relative_to_the_top(reader: Reader) -> None:
    text = 'target "default" { context = "services/web" }'
    builds = reader.read({**MONOREPO, "ci/bake.hcl": text}, compose=(), bake=("ci/bake.hcl",))
    assert [x.spec.context for x in builds.builds] == ["services/web"]


def test_links_out_of_the_repository_are_not_followed(reader: Reader, tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services: {web: {build: services/web}}")
    (reader.repository.path / "compose.yaml").symlink_to("../compose.yaml")
    builds = reader.read({"services/web/Dockerfile": FROM})
    assert builds.builds == ()
    assert "leads to no file of the repository" in builds.problems[0].reason


def test_a_file_behind_a_link_of_the_repository_is_read(reader: Reader) -> None:
    (reader.repository.path / "compose.yaml").symlink_to("deploy/stack.yml")
    text = "services: {web: {build: services/web}}"
    builds = reader.read({"services/web/Dockerfile": FROM, "deploy/stack.yml": text})
    assert [x.spec.context for x in builds.builds] == ["services/web"]


def test_included_files_are_those_of_the_commit(reader: Reader) -> None:
    files = {
        "compose.yaml": "include: [services/compose.yaml]",
        "services/compose.yaml": "services: {web: {build: {context: web, args: {A: '${V}'}}}}",
        "services/.env": "V=7\n",
        "services/web/Dockerfile": FROM,
    }
    builds = reader.read(files)
    assert [x.spec.build_args for x in builds.builds] == [{"A": "7"}]
    missing = reader.read({"services/compose.yaml": None})
    assert "no file 'services/compose.yaml'" in missing.problems[0].reason
