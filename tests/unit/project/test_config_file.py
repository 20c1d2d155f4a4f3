"""The configuration file: what it means, and every mistake at once."""

import pytest

from bot.errors import InputError
from bot.model.image import Metric
from bot.model.spec import Budget, GrowthLimit
from bot.project.config_file import ProjectConfig, parse_config

WHOLE = """\
images:
  - name: api
    dockerfile: services/api/Dockerfile
    context: services/api
    target: runtime
    build-args: {VERSION: "1", DEBUG: true, N: 3}
    platforms: [linux/amd64, linux/arm64]
    budget: {max-size: 300MB, max-growth: {bytes: 10MB, percent: 5}}
    smoke-test: ["./api", "--version"]
  - name: web
    dockerfile: web/Dockerfile
budget: {max-growth: 10MB, ignore-below: 4kB, metric: compressed}
approve: {label: image-size-approved}
comment: changes
"""


def mistakes(text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        parse_config(text, "c.yml")
    return [line.strip() for line in caught.value.what.splitlines()[1:]]


def test_a_complete_file_is_read() -> None:
    config = parse_config(WHOLE, "c.yml")
    assert config.images is not None
    amd, arm, web = config.images
    assert (amd.name, amd.platform, arm.platform) == ("api", "linux/amd64", "linux/arm64")
    assert (amd.target, amd.build_args) == ("runtime", {"VERSION": "1", "DEBUG": "true", "N": "3"})
    assert amd.budget == Budget(300_000_000, GrowthLimit(10_000_000, 5.0), 4_000, Metric.COMPRESSED)
    assert (web.context, web.budget.max_growth) == ("web", GrowthLimit(10_000_000))
    assert (config.comment, config.approve_label) == ("changes", "image-size-approved")


@pytest.mark.parametrize("text", ["", "# nothing\n", "{}"])
def test_an_empty_file_is_valid(text: str) -> None:
    assert parse_config(text, "c.yml") == ProjectConfig()


@pytest.mark.parametrize(
    ("text", "growth"),
    [
        ("10MB", GrowthLimit(10_000_000)),
        ("5%", GrowthLimit(percent=5.0)),
        ("2000", GrowthLimit(2_000)),
        ("{bytes: 1kB, percent: 2.5%}", GrowthLimit(1_000, 2.5)),
        ("{percent: 3}", GrowthLimit(percent=3.0)),
    ],
)
def test_ways_to_write_a_growth(text: str, growth: GrowthLimit) -> None:
    assert parse_config(f"budget: {{max-growth: {text}}}", "c").budget.max_growth == growth


def test_all_mistakes_are_reported_with_their_lines() -> None:
    text = (
        "images:\n"
        "  - name: api\n"
        "    dockerfile: ../Dockerfile\n"
        "    contxt: x\n"
        "    budget: {max-size: 3xMB}\n"
        "  - name: api\n"
        "    dockerfile: ok\n"
        "bugdet: {}\n"
        "comment: sometimes\n"
    )
    assert mistakes(text) == [
        "c.yml:3: images.0.dockerfile: '../Dockerfile' is not a path inside the repository",
        "c.yml:4: unknown key 'contxt'; the nearest known one is 'context'",
        "c.yml:5: images.0.budget.max-size: '3xMB' is not a size; write for example 300MB, 1.5GB, "
        "512KiB or 2048",
        "c.yml:6: a second image is named 'api'",
        "c.yml:8: unknown key 'bugdet'; the nearest known one is 'budget'",
        "c.yml:9: comment: 'sometimes' is not one of ['always', 'changes', 'never']",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "- a list",
        "[]",
        "false",
        "0",
        "''",
        "images: []",
        "images: [{name: a}]",
        "images: [{name: '', dockerfile: d}]",
        "images: [{name: a, dockerfile: /d}]",
        "images: [{name: a, dockerfile: d, platforms: [amd64]}]",
        "images: [{name: a, dockerfile: d, build-args: [A=1]}]",
        "images: [{name: a, dockerfile: d, smoke-test: ./run}]",
        "budget: {max-size: -1}",
        "budget: {max-size: 10%}",
        "budget: {max-growth: {}}",
        "budget: {max-growth: {bytes: 10MB, percnt: 5}}",
        "budget: {metric: bytes}",
        "approve: {}",
        "a",
    ],
)
def test_invalid_values_are_refused_with_a_reason(text: str) -> None:
    assert mistakes(text)


@pytest.mark.parametrize(
    "text", ["a: [", "a: 1\na: 2\n", "\ta: 1", "a: !!python/object:os.system x\n b: ]"]
)
def test_invalid_yaml_is_reported_with_its_line(text: str) -> None:
    with pytest.raises(InputError, match="not YAML") as caught:
        parse_config(text, "c.yml")
    assert "c.yml:" in caught.value.why
