"""The configuration file that `init` writes: it is read again, and its limits hold today."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.sizes import parse_size
from bot.model.spec import Budget, ContextSource, ImageSpec
from bot.project.config_file import ProjectConfig, parse_config
from bot.project.listed_images import unite_images
from bot.project.new_config import AuditedImage, ConfigOrigin, round_limit, write_config

ORIGIN = ConfigOrigin("image-size-review init", "working tree", 10)
API = ImageSpec("api", "services/api/Dockerfile", "services/api")


def read(*images: AuditedImage) -> ProjectConfig:
    return parse_config(write_config(images, ORIGIN), "image-size.yml")


@given(st.integers(0, 10**15), st.integers(0, 1000))
def test_a_limit_is_a_size_that_today_is_below(size: int, margin: int) -> None:
    limit = parse_size(round_limit(size, margin))
    assert size * (100 + margin) <= limit * 100 <= size * (100 + margin) * 1.11 + 100


@pytest.mark.parametrize(
    ("size", "limit"),
    [(0, "1B"), (7, "8B"), (1_950, "2.2kB"), (117_400_000, "130MB"), (1_330_000_000, "1.5GB")],
)
def test_a_limit_is_written_as_people_do(size: int, limit: str) -> None:
    assert round_limit(size, 10) == limit


def test_each_image_has_its_limit_and_what_tells_it_apart() -> None:
    text = write_config([AuditedImage(API, 50_000_000)], ORIGIN)
    assert "budget: {max-size: 55MB}  # 50.0 MB today" in text
    assert "plus 10 %, rounded up" in text
    assert "context:" not in text
    (image,) = read(AuditedImage(API, 50_000_000)).images or ()
    assert (image.name, image.dockerfile, image.context) == (API.name, API.dockerfile, API.context)
    assert image.budget.max_size == 55_000_000


def test_names_that_yaml_would_read_otherwise_stay_texts() -> None:
    specs = [
        ImageSpec(
            "no",
            "a b/Dockerfile: #x",
            ".",
            "1",
            {"A": "1.10", "on": "yes", "q": '"\\'},
            context_source=ContextSource.CONFIGURED,
        ),
        ImageSpec("1e3", "é/Dockerfile", "é", context_source=ContextSource.INFERRED),
    ]
    images = read(*(AuditedImage(spec, 1) for spec in specs)).images or ()
    facts = [(x.name, x.dockerfile, x.context, x.target, dict(x.build_args)) for x in images]
    assert facts == [
        ("no", "a b/Dockerfile: #x", ".", "1", {"A": "1.10", "on": "yes", "q": '"\\'}),
        ("1e3", "é/Dockerfile", "é", None, {}),
    ]


def test_platforms_of_an_image_share_an_entry_and_its_larger_limit() -> None:
    sizes = {"linux/amd64": 10_000_000, "linux/arm64": 20_000_000}
    named = [
        AuditedImage(ImageSpec("api", "Dockerfile", ".", platform=platform), size)
        for platform, size in sizes.items()
    ]
    images = read(*named).images or ()
    assert [(x.platform, x.budget.max_size) for x in images] == [
        ("linux/amd64", 22_000_000),
        ("linux/arm64", 22_000_000),
    ]


def test_an_image_without_a_size_is_a_comment_with_the_way_out() -> None:
    problem = "RUN make failed\nimages: [{name: other}]"
    web = AuditedImage(ImageSpec("web", "web/Dockerfile", "web"), None, problem, "set a secret")
    text = write_config([AuditedImage(API, 1), web], ORIGIN)
    assert "# web has no size: RUN make failed images: [{name: other}]." in text
    assert "# To do: set a secret." in text
    assert "#   dockerfile: web/Dockerfile" in text
    assert [image.name for image in read(AuditedImage(API, 1), web).images or ()] == ["api"]
    assert read(web).images is None


@pytest.mark.parametrize("size", [None, 1])
def test_comments_become_entries_where_they_are(size: int | None) -> None:
    images = (AuditedImage(replace(API, name="web"), size), AuditedImage(API, None, "a", "b"))
    text = write_config(images, ORIGIN)
    assert len(parse_config(text, "c.yml").images or ()) == (0 if size is None else 1)
    enabled = re.sub("^( *)# (?=images:|- name:|  [a-z]+:)", r"\1", text, flags=re.MULTILINE)
    listed = parse_config(enabled, "c.yml").images or ()
    assert [image.name for image in listed] == ["web", "api"]
    assert listed[1].budget.max_size == 1_000_000_000


def test_arguments_of_the_command_line_are_not_written() -> None:
    spec = ImageSpec("api", "Dockerfile", ".", build_args={"TOKEN": "s3cret", "V": "1"})
    text = write_config([AuditedImage(spec, 1)], ORIGIN, hidden_args=("TOKEN",))
    assert "s3cret" not in text
    assert 'V: "1"' in text


@pytest.mark.parametrize("source", [ContextSource.COMPOSE, ContextSource.BAKE])
def test_what_compose_and_bake_say_is_left_to_them(source: ContextSource) -> None:
    spec = ImageSpec(
        "api/Dockerfile",
        "api/Dockerfile",
        ".",
        build_args={"V": "1"},
        platform="linux/arm64",
        context_source=source,
        build_contexts={"lib": "lib"},
        provides=("acme/api",),
    )
    text = write_config([AuditedImage(spec, 1)], ORIGIN)
    assert [key for key in ("context:", "build-args:", "platforms:") if key in text] == []
    config = read(AuditedImage(spec, 1))
    # Today's review builds the same, and tomorrow's what the file says then.
    for declared in (spec, replace(spec, context="api", build_args={"V": "2"})):
        (image,) = unite_images(config.images or (), [declared], config.defaults)
        assert replace(image, budget=Budget()) == declared


def test_builds_of_one_stage_take_each_their_own_arguments() -> None:
    builds = [
        ImageSpec(
            name, "Dockerfile", ".", build_args={"V": name}, context_source=ContextSource.BAKE
        )
        for name in ("new", "old")
    ]
    config = read(*(AuditedImage(spec, 1) for spec in builds))
    images = unite_images(config.images or (), builds, config.defaults)
    assert {image.name: image.build_args["V"] for image in images} == {"new": "new", "old": "old"}
    assert "build-args" not in write_config([AuditedImage(spec, 1) for spec in builds], ORIGIN)


def test_a_context_that_is_inferred_is_inferred_again() -> None:
    spec = replace(API, context=".", context_source=ContextSource.INFERRED)
    assert "context:" not in write_config([AuditedImage(spec, 1)], ORIGIN)
