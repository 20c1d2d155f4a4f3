"""The paths that need no plan: in doubt, a commit is planned."""

from dataclasses import replace

import pytest

from bot.line.commit_paths import concerns_image
from bot.model.spec import ContextSource, ImageSpec

API = ImageSpec(name="api", dockerfile="services/api/Dockerfile", context="services/api")


def is_concerned(path: str, spec: ImageSpec = API, *, has_own_base: bool = False) -> bool:
    return concerns_image([path], spec, None, has_own_base=has_own_base)


@pytest.mark.parametrize(
    "path",
    [
        *("services/web/main.py", "README.md", "services/web/Dockerfile", "services/apis/x"),
        *("services/web/compose.yaml", ".github/workflows/ci.yml", "docs/a b\n.md"),
    ],
)
def test_files_of_others_are_of_no_concern(path: str) -> None:
    assert not is_concerned(path)


@pytest.mark.parametrize(
    "path",
    [
        *("services/api/Dockerfile", "services/api/main.py", "services/api/.dockerignore"),
        *("services/api/deep/folder/file", "services/api/Dockerfile.dockerignore"),
        *(".github/image-size.yml", ".github/image-size.yaml", ".github", "services"),
        *(".gitattributes", "services/web/.gitattributes", ".gitmodules"),
        *("compose.yaml", "docker-bake.hcl", "docker-bake.json", ".env", "docker-compose.yml"),
    ],
)
def test_files_of_the_image_and_of_declarations_are(path: str) -> None:
    assert is_concerned(path)


def test_in_doubt_everything_is_of_concern() -> None:
    root = replace(API, context=".")
    inferred = replace(API, context_source=ContextSource.INFERRED)
    declared = replace(API, context_source=ContextSource.COMPOSE)
    assert is_concerned("README.md", root)
    assert is_concerned("README.md", inferred)
    assert is_concerned("README.md", replace(API, is_context_open=True))
    assert is_concerned("README.md", has_own_base=True)
    assert is_concerned("services/web/compose.yaml", declared)
    assert is_concerned("libs/a", replace(API, build_contexts={"libs": "libs"}))


def test_the_configuration_of_the_caller_is_a_declaration() -> None:
    assert concerns_image(["ci/size.yml"], API, "ci/size.yml", has_own_base=False)
    assert not concerns_image([".github/image-size.yml"], API, "ci/size.yml", has_own_base=False)
