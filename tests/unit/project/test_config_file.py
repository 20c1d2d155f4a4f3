"""The configuration file: what it means, and every mistake at once."""

import pytest

from bot.errors import InputError
from bot.model.build_cache import BuildCache, CacheKind
from bot.model.metric import Metric
from bot.model.spec import (
    Budget,
    BuildNeeds,
    ContextSource,
    GrowthLimit,
    Preparation,
    SecretKind,
    SecretSource,
)
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


def test_an_entry_without_a_name_is_called_by_its_dockerfile_and_target() -> None:
    text = (
        "defaults: {target: run}\n"
        "images:\n"
        "  - {dockerfile: ./a/Dockerfile, platforms: [linux/amd64, linux/arm64]}\n"
        "  - {dockerfile: a/Dockerfile, target: debug}\n"
    )
    images = parse_config(text, "c").images or ()
    assert [image.name for image in images] == [*["a/Dockerfile"] * 2, "a/Dockerfile:debug"]
    assert [image.target for image in images] == ["run", "run", "debug"]


def test_two_entries_for_one_stage_need_names() -> None:
    text = "images:\n  - dockerfile: a/b\n  - dockerfile: ./a/b\n  - {name: x, dockerfile: a/b}\n"
    assert mistakes(text) == [
        "c.yml:3: a second image is named 'a/b'; give one of them a `name`",
    ]
    taken = "images:\n  - {name: a/b, dockerfile: c}\n  - dockerfile: a/b\n"
    assert len(mistakes(taken)) == 1


@pytest.mark.parametrize(
    ("word", "meaning"),
    [("no", "false"), ("Off", "false"), ("n", "false"), ("yes", "true"), ("ON", "true")],
)
def test_a_boolean_of_an_older_yaml_is_explained(word: str, meaning: str) -> None:
    (mistake,) = mistakes(f"discover: {word}\n")
    assert mistake.startswith(
        f"c.yml:1: discover: '{word}' is not of type 'boolean'; write true or"
    )
    assert f"and {meaning} is what it was in YAML 1.1" in mistake
    assert mistakes("discover: maybe\n")[0].endswith("; write true or false")


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
    ("text", "hint"),
    [
        ("max-size: 1MB", "it is a key of `budget`"),
        ("max-growth: 5%", "it is a key of `budget`"),
        ("build-args: {A: b}", "it is a key of `defaults`, and of each image under `images`"),
        ("platforms: [linux/amd64]", "it is a key of `defaults`, and of each image"),
        ("images: [{dockerfile: x, max-size: 1MB}]", "it is a key of `budget`"),
        ("budget: {secrets: [a]}", "it is a key of `defaults`, and of each image"),
        ("dockerfile: x", "; it is a key of each image under `images`"),
        ("provides: [a]", "it is a key of `defaults`, and of each image"),
        ("defaults: {builder: big}", "it is a key at the top of the file"),
        ("registry-auth: [{password: hunter22}]", "it has passwords, which no file"),
        ("bugdet: {}", "the nearest known one is 'budget'"),
        ("max-siz: 1", "the nearest known one is"),
    ],
)
def test_a_key_in_another_place_is_said_to_belong_elsewhere(text: str, hint: str) -> None:
    (mistake,) = mistakes(text)
    assert hint in mistake
    assert "hunter22" not in mistake


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
        "images: [{name: 5, dockerfile: d}]",
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


ARGUMENTS = """\
images:
  - name: api
    dockerfile: Dockerfile
    build-args:
"""


@pytest.mark.parametrize(
    "text",
    ["1.20", "0x1F", "010", "1_000", "true", "NO", "2001-01-01", "1e3", ".5", "1:20", ".inf", "<<"],
)
def test_a_build_argument_keeps_its_text(text: str) -> None:
    config = parse_config(f"{ARGUMENTS}      GO: {text}\n", "c.yml")
    assert config.images is not None
    assert config.images[0].build_args == {"GO": text}


@pytest.mark.parametrize("text", ["", "~", "null"])
def test_a_build_argument_without_a_value_is_a_mistake(text: str) -> None:
    assert mistakes(f"{ARGUMENTS}      GO: {text}\n") == [
        'c.yml:5: images.0.build-args.GO: it has no value; write "" for an empty text'
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("[A=1, B=x=y]", '{A: "1", B: "x=y"}'),
        ("A=1", '{KEY: "value"}'),
        ("[A]", '{KEY: "value"}'),
    ],
)
def test_a_list_of_build_arguments_is_shown_as_it_is_to_be_written(value: str, shown: str) -> None:
    expected = f"c.yml:1: images.0.build-args: it must have keys with values, such as {shown}"
    assert mistakes(f"images: [{{dockerfile: d, build-args: {value}}}]") == [expected]
    parse_config(f"images: [{{dockerfile: d, build-args: {shown}}}]", "c.yml")


def test_a_number_where_a_text_belongs_is_a_mistake_that_names_quotes() -> None:
    assert mistakes("images: [{name: 1.20, dockerfile: d}]") == [
        "c.yml:1: images.0.name: 1.2 is not of type 'string'; "
        "put quotes around a text that YAML reads as another value"
    ]


@pytest.mark.parametrize(
    "value",
    [
        "9" * 5000,
        "1" * 19 + "MB",
        "2000000TB",
        ".inf",
        "1e400",
        "0x10",
        "1_000",
        "1e3",
        "-1",
        "1.5",
    ],
)
def test_a_size_that_is_none_is_a_short_mistake(value: str) -> None:
    (mistake,) = mistakes(f"\nbudget: {{max-size: {value}}}")
    assert mistake.startswith("c.yml:2: budget.max-size: ")
    assert len(mistake) < 300


@pytest.mark.parametrize("key", ["budget", "defaults"])
def test_limits_for_a_warning(key: str) -> None:
    own = "budget: {warn-size: 250MB, warn-growth: {bytes: 2MB, percent: 1}}"
    text = own if key == "budget" else f"defaults: {{{own}}}"
    budget = parse_config(text, "c").budget
    assert (budget.warn_size, budget.warn_growth) == (250_000_000, GrowthLimit(2_000_000, 1.0))


@pytest.mark.parametrize(
    ("text", "waste"),
    [
        ("20MB", GrowthLimit(20_000_000)),
        ("'5%'", GrowthLimit(percent=5)),
        ("{bytes: 20MB, percent: 5}", GrowthLimit(20_000_000, 5)),
        ("0", GrowthLimit(0)),
    ],
)
@pytest.mark.parametrize("key", ["budget", "defaults", "images"])
def test_limits_on_layers(key: str, text: str, waste: GrowthLimit) -> None:
    own = f"budget: {{max-waste: {text}, max-layers: 12}}"
    config = {"budget": own, "defaults": f"defaults: {{{own}}}"}.get(
        key, f"images: [{{dockerfile: d, {own}}}]"
    )
    parsed = parse_config(config, "c")
    budget = parsed.images[0].budget if parsed.images else parsed.budget
    assert (budget.max_waste, budget.max_layers) == (waste, 12)


def test_an_image_replaces_one_limit_on_layers_and_keeps_the_other() -> None:
    text = "budget: {max-waste: 1MB, max-layers: 12}\nimages: [{dockerfile: d, budget: {max-layers: 9}}]"
    (image,) = parse_config(text, "c").images or ()
    assert image.budget == Budget(max_waste=GrowthLimit(1_000_000), max_layers=9)


@pytest.mark.parametrize(
    "text", ["max-layers: 0", "max-layers: 1.5", "max-layers: '12'", "max-waste: much"]
)
def test_a_limit_on_layers_that_is_none_is_a_mistake(text: str) -> None:
    assert len(mistakes(f"budget: {{{text}}}")) == 1


@pytest.mark.parametrize(
    ("budget", "mistake"),
    [
        ("max-size: 1MB, warn-size: 1MB", ""),
        ("max-size: 1MB, warn-size: 2MB", "warn-size: it is above max-size (1 MB), so it"),
        ("max-growth: 1MB, warn-growth: 1%", ""),
        ("max-growth: 1MB, warn-growth: 2MB", "warn-growth: it is above max-growth, so it"),
        ("max-growth: 5%, warn-growth: 6%", "warn-growth: it is above max-growth, so it"),
        ("max-growth: {bytes: 1MB, percent: 5}, warn-growth: 2MB", ""),
    ],
)
@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("\nbudget: {BUDGET}", "budget"),
        ("\ndefaults: {budget: {BUDGET}}", "defaults.budget"),
        ("images:\n- {name: a, dockerfile: D, budget: {BUDGET}}", "images.0.budget"),
    ],
)
def test_a_limit_that_never_warns_is_a_mistake(
    text: str, path: str, budget: str, mistake: str
) -> None:
    filled = text.replace("BUDGET", budget)
    if not mistake:
        assert parse_config(filled, "c")
        return
    (only,) = mistakes(filled)
    assert only.startswith(f"c.yml:2: {path}.{mistake} never warns")


@pytest.mark.parametrize("value", [".nan", ".inf", "-.inf", "1e400", "9" * 400, "99999999999%"])
def test_a_percentage_that_is_none_is_a_mistake(value: str) -> None:
    (mistake,) = mistakes(f"budget: {{max-growth: {{percent: {value}}}}}")
    assert mistake.startswith("c.yml:1: budget.max-growth.percent: ")


def test_the_largest_size_is_an_exabyte() -> None:
    assert parse_config("budget: {max-size: 1000000TB}", "c.yml").budget.max_size == 10**18


def test_a_file_of_mistakes_has_a_short_message() -> None:
    lines = mistakes("".join(f"key{number}: {'x' * 3000}\n" for number in range(300)))
    assert len(lines) == 50
    assert sum(map(len, lines)) < 50 * 300


NEEDS = """\
discover: false
exclude: ["**/old/**"]
compose: [deploy/compose.yml]
bake: []
defaults:
  context: .
  build-args: {A: 1.20, B: x}
  platforms: [linux/amd64, linux/arm64]
  secrets: ["id=npm,env=NPM_TOKEN"]
  budget: {max-size: 1MB}
images:
  - name: api
    dockerfile: api/Dockerfile
    build-args: {B: y}
    secret-files: {key: api/key}
    secret-envs: [npm=OTHER]
    ssh: [default]
    build-contexts: {shared: libs/shared}
    network: none
    add-hosts: ["db:10.0.0.1"]
    build-timeout: 5
    cache-from: ["type=gha,scope=api", org/api:cache]
    cache-to: [type=inline]
    prepare: {image: "node:22", run: [npm ci, npm run build]}
    baseline: docker://ghcr.io/org/api:main
    provides: [org/base]
    platforms: [linux/arm64]
  - {name: web, dockerfile: web/Dockerfile, context: web}
"""


def test_what_builds_need_is_read() -> None:
    images = parse_config(NEEDS, "c.yml").images or ()
    api = images[0]
    secrets = (
        SecretSource("npm", SecretKind.ENVIRONMENT, "OTHER"),
        SecretSource("key", SecretKind.FILE, "api/key"),
    )
    assert api.needs == BuildNeeds(
        secrets,
        ssh=("default",),
        network="none",
        add_hosts=("db=10.0.0.1",),
        preparation=Preparation("node:22", ("npm ci", "npm run build")),
        timeout_s=300,
        cache_from=(
            BuildCache(CacheKind.GHA, (("scope", "api"),)),
            BuildCache(CacheKind.REGISTRY, (("ref", "org/api:cache"),)),
        ),
        cache_to=(BuildCache(CacheKind.INLINE),),
    )
    assert (api.baseline, api.provides) == ("docker://ghcr.io/org/api:main", ("org/base",))
    assert api.build_contexts == {"shared": "libs/shared"}


def test_an_image_takes_what_it_leaves_out_from_the_defaults() -> None:
    api, *web = parse_config(NEEDS, "c.yml").images or ()
    assert (api.context, api.context_source) == (".", ContextSource.CONFIGURED)
    assert (api.build_args, api.platform) == ({"A": "1.20", "B": "y"}, "linux/arm64")
    assert [(x.context, x.platform) for x in web] == [
        ("web", "linux/amd64"),
        ("web", "linux/arm64"),
    ]
    assert [x.id for x in web[0].needs.secrets] == ["npm"]
    assert api.budget.max_size == web[0].budget.max_size == 1_000_000


def test_a_context_that_nobody_wrote_down_is_the_folder() -> None:
    (image,) = parse_config("images: [{name: a, dockerfile: b/Dockerfile}]", "c").images or ()
    assert (image.context, image.context_source) == ("b", ContextSource.DEFAULT)


def test_the_files_with_builds_are_read() -> None:
    config = parse_config(NEEDS, "c.yml")
    assert (config.compose, config.bake) == (("deploy/compose.yml",), ())
    assert (config.discovers, config.exclude) == (False, ("**/old/**",))
    usual = parse_config("compose: auto", "c.yml")
    assert (usual.compose, usual.bake, usual.discovers, usual.exclude) == (None, None, True, None)


@pytest.mark.parametrize(
    "text",
    [
        "secrets: [NPM_TOKEN=hunter2]",
        "secrets: [{NPM_TOKEN: hunter2}]",
        "secrets: ['id=x,env=GITHUB_TOKEN']",
        "secret-files: {x: /etc/passwd}",
        "secret-files: {'a b': x}",
        "secret-envs: {x: INPUT_SECRETS}",
        "secret-envs: [x]",
        "ssh: [default=/root/.ssh/id]",
        "build-contexts: {a: ../b}",
        "build-contexts: {'a=b': c}",
        "network: bridge",
        "add-hosts: {'a b': 10.0.0.1}",
        "build-timeout: 0",
        "build-timeout: soon",
        "cache-from: [type=inline]",
        "cache-from: ['type=local,src=/var']",
        "cache-to: ['type=s3,bucket=a']",
        "cache-to: type=gha",
        "prepare: {image: a}",
        "prepare: {image: a, run: []}",
        "baseline: ''",
    ],
)
def test_a_need_that_is_none_is_a_mistake(text: str) -> None:
    assert mistakes(f"images:\n  - name: a\n    dockerfile: d\n    {text}\n")
    assert mistakes(f"defaults: {{{text}}}")


@pytest.mark.parametrize("text", ["compose: yes", "bake: [/x]", "exclude: a", "discover: 'no'"])
def test_a_selection_that_is_none_is_a_mistake(text: str) -> None:
    assert mistakes(text)


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("-", "is the input of a program"),
        ("./-", "is the input of a program"),
        ("deploy/-", "is the input of a program"),
        ("https://example.com/compose.yaml", "is an address"),
        ("git@github.com:org/repo.git", "is an address"),
        ("oci://ghcr.io/org/app:1", "is an address"),
        ("cwd://docker-bake.hcl", "is an address"),
        ("../compose.yaml", "is not a path inside the repository"),
    ],
)
@pytest.mark.parametrize("key", ["compose", "bake"])
def test_only_files_of_the_repository_declare_builds(key: str, file: str, reason: str) -> None:
    (mistake,) = mistakes(f"{key}: [{file!r}]")
    assert reason in mistake


@pytest.mark.parametrize(
    ("budget", "size", "follows", "runs"),
    [
        ("{}", 5, False, 20),
        ("{max-size: auto}", None, True, 20),
        ("{max-size: auto, ratchet-runs: 3}", None, True, 3),
        ("{max-size: 7}", 7, False, 20),
    ],
)
def test_a_limit_may_follow_recorded_sizes(
    budget: str, size: int | None, follows: bool, runs: int
) -> None:
    text = f"budget: {{max-size: 5}}\nimages: [{{dockerfile: a/Dockerfile, budget: {budget}}}]"
    (image,) = parse_config(text, "c").images or ()
    limits = image.budget
    assert (limits.max_size, limits.follows_size, limits.ratchet_runs) == (size, follows, runs)


def test_an_image_may_have_a_number_where_the_others_follow() -> None:
    text = "budget: {max-size: auto}\nimages: [{dockerfile: a, budget: {max-size: 1MB}}]"
    (image,) = parse_config(text, "c").images or ()
    assert (image.budget.max_size, image.budget.follows_size) == (1_000_000, False)
    assert "'automatic' is not a size" in mistakes("budget: {max-size: automatic}")[0]
    assert "ratchet-runs" in mistakes("budget: {ratchet-runs: 0}")[0]


@pytest.mark.parametrize("text", ["jobs: 2", "defaults: {jobs: 2}"])
def test_what_only_the_caller_may_choose_is_no_key(text: str) -> None:
    assert "unknown key" in mistakes(text)[0]


def test_a_builder_has_the_name_of_one() -> None:
    assert parse_config("builder: team-1", "c").builder == "team-1"
    for value in ("2", "''", "--help", "'a b'", "'1a'", "[a]"):
        assert "builder" in mistakes(f"builder: {value}")[0]


def test_a_limit_is_of_all_images_until_the_defaults_or_an_entry_set_it() -> None:
    config = parse_config(
        "budget: {max-growth: 10MB, max-size: 1GB, max-layers: 9}\n"
        "defaults: {budget: {max-size: 2GB}}\n"
        "images: [{dockerfile: Dockerfile, budget: {max-layers: 9}}]\n",
        "c.yml",
    )
    assert config.budget.common == {"max-growth", "max-layers"}
    (image,) = config.images or ()
    assert image.budget.common == {"max-growth"}
