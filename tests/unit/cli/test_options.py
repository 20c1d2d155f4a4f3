"""The options of every command, parsed into typed values."""

import re
from pathlib import Path

import pytest

from bot.cli.options.argument_parser import parse_arguments
from bot.cli.options.build_args import resolve_build_args
from bot.cli.options.commands import (
    ActionOptions,
    AdviseOptions,
    AuditOptions,
    BuildSettings,
    DiffOptions,
    ImageSelection,
    ImagesOptions,
    InitOptions,
    MeasureOptions,
    MergeOptions,
    PublishOptions,
    ReportOutput,
    ReviewOptions,
    SchemaOptions,
)
from bot.errors import InputError
from bot.model.build_cache import BuildCache, CacheKind
from bot.model.registry_login import RegistryLogin
from bot.model.spec import BuildNeeds, GrowthLimit, Limits, Preparation, SecretKind, SecretSource

DEFAULT_LIMITS = BuildSettings()


def test_review_without_options() -> None:
    assert parse_arguments(["review"]) == ReviewOptions(
        ReportOutput(), ImageSelection(), DEFAULT_LIMITS
    )


def test_review(tmp_path: Path) -> None:
    output = tmp_path / "report.json"
    words = f"""
        review --format json --output {output} --repo {tmp_path} --image api --image web
        --config size.yml --max-size 200MB --max-growth 5% --verify --dockerfile a/Dockerfile
        --warn-size 150MB --warn-growth 1MB --max-waste 2.5% --max-layers 12
        --context a --target prod --build-arg A=1 --build-arg B --platform linux/arm64
        --platform linux/amd64 --build-timeout 0.5 --build-network host --base main --head topic
    """
    assert parse_arguments(words.split()) == ReviewOptions(
        ReportOutput("json", output),
        ImageSelection(
            repository=tmp_path,
            names=("api", "web"),
            config=Path("size.yml"),
            dockerfile="a/Dockerfile",
            context="a",
            target="prod",
            build_args=("A=1", "B"),
            platforms=("linux/arm64", "linux/amd64"),
            limits=Limits(
                *(200_000_000, GrowthLimit(percent=5), 150_000_000, GrowthLimit(bytes=1_000_000)),
                max_waste=GrowthLimit(percent=2.5),
                max_layers=12,
            ),
        ),
        BuildSettings(BuildNeeds(network="host", timeout_s=30)),
        verify=True,
        base="main",
        head="topic",
    )


def test_what_builds_need(tmp_path: Path) -> None:
    words = ["audit", "--secret", f"id=a,src={tmp_path}/b", "--secret", "id=c,env=D"]
    words += ["--secret", "id=e", "--ssh", "default", "--ssh", f"k={tmp_path}/key"]
    words += ["--build-context", "lib=libs/lib", "--build-context", "base=docker-image://debian"]
    words += ["--add-host", "db:10.0.0.1", "--add-host", "six=::1", "--build-timeout", "1h30m"]
    words += ["--prepare", "{image: 'maven:3', run: [mvn package]}"]
    words += ["--builder", "far"]
    words += [
        "--jobs",
        "3",
        "--cache-from",
        "type=gha",
        "--cache-to",
        f"type=local,dest={tmp_path}/c",
    ]
    options = parse_arguments(words)
    assert isinstance(options, AuditOptions)
    assert options.build == BuildSettings(
        BuildNeeds(
            secrets=(
                SecretSource("a", SecretKind.FILE, f"{tmp_path}/b"),
                SecretSource("c", SecretKind.ENVIRONMENT, "D"),
                SecretSource("e", SecretKind.ENVIRONMENT, "e"),
            ),
            ssh=("default", f"k={tmp_path}/key"),
            add_hosts=("db=10.0.0.1", "six=::1"),
            preparation=Preparation("maven:3", ("mvn package",)),
            timeout_s=5400,
            cache_from=(BuildCache(CacheKind.GHA),),
            cache_to=(BuildCache(CacheKind.LOCAL, (("dest", f"{tmp_path}/c"),)),),
        ),
        {"lib": "libs/lib", "base": "docker-image://debian"},
        jobs=3,
        builder="far",
    )


def test_logins_are_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "logins.yml").write_text("- {registry: ghcr.io, username: a, password: hunter22}\n")
    options = parse_arguments(["review", "--registry-auth", str(tmp_path / "logins.yml")])
    assert isinstance(options, ReviewOptions)
    assert options.build.logins == (RegistryLogin("ghcr.io", "a", "hunter22"),)
    assert "hunter22" not in repr(options)


def test_a_file_of_logins_that_is_too_large_is_not_read_in_part(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    login = "- {registry: ghcr.io, username: a, password: hunter22}\n"
    (tmp_path / "logins.yml").write_text(login + f"#{'x' * (1 << 20)}\n" + login)
    with pytest.raises(SystemExit):
        parse_arguments(["review", "--registry-auth", str(tmp_path / "logins.yml")])
    assert "the file of logins has more than 1,048,576 bytes" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["- {username: a, password: hunter22}", "hunter22", "hunter22\0"])
def test_logins_on_the_command_line_are_refused_and_not_shown(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse_arguments(["review", "--registry-auth", text])
    output = capsys.readouterr().err
    assert "write the logins into a file" in output
    assert "hunter22" not in output


def test_audit() -> None:
    assert parse_arguments(["audit", "--rev", "v1", "--image", "api"]) == AuditOptions(
        ReportOutput(), ImageSelection(names=("api",)), DEFAULT_LIMITS, revision="v1"
    )


def test_images() -> None:
    words = "images --base main --affected --shards 4 --format json --image api"
    review = ReviewOptions(
        ReportOutput("json"), ImageSelection(names=("api",)), DEFAULT_LIMITS, base="main"
    )
    assert parse_arguments(words.split()) == ImagesOptions(review, affected=True, shards=4)


def test_images_takes_what_changes_the_list() -> None:
    words = "images --build-context a=b --build-arg A=1 --target t --max-growth 1MB"
    options = parse_arguments([*words.split(), "--prepare", "{image: a, run: [b]}"])
    assert isinstance(options, ImagesOptions)
    assert options.review.build.contexts == {"a": "b"}
    assert options.review.build.needs.preparation is not None
    assert options.review.images.target == "t"


def test_init(tmp_path: Path) -> None:
    assert parse_arguments(["init"]) == InitOptions(ImageSelection(), DEFAULT_LIMITS)
    words = ["init", "--output", str(tmp_path / "size.yml"), "--margin", "0"]
    options = InitOptions(ImageSelection(), DEFAULT_LIMITS, tmp_path / "size.yml", 0)
    assert parse_arguments(words) == options


def test_advise(tmp_path: Path) -> None:
    words = ["advise", "a/Dockerfile", "--image", "app:1", "--verify", "--target", "prod"]
    words += ["--smoke-test", "app --version 'a b'", "--write", str(tmp_path / "new")]
    words += ["--build-arg", "A=1", "--context", "b"]
    options = parse_arguments(words)
    assert options == AdviseOptions(
        ReportOutput(),
        Path("a/Dockerfile"),
        DEFAULT_LIMITS,
        context=Path("b"),
        image="app:1",
        target="prod",
        build_args=("A=1",),
        verify=True,
        smoke_test=("app", "--version", "a b"),
        write=tmp_path / "new",
    )


def test_the_context_of_advise_is_the_folder_of_the_dockerfile() -> None:
    options = parse_arguments(["advise", "a/Dockerfile"])
    assert isinstance(options, AdviseOptions)
    assert (options.context, options.context_folder) == (None, Path("a"))


def test_digests_are_checked_unless_the_user_says_otherwise() -> None:
    for command in (["measure", "a"], ["diff", "a", "b"]):
        for arguments, expected in (([], False), (["--skip-digest-check"], True)):
            options = parse_arguments([*command, *arguments])
            assert isinstance(options, MeasureOptions | DiffOptions)
            assert options.skips_digest_check is expected


def test_measure() -> None:
    options = parse_arguments(["measure", "app:1", "--platform", "linux/arm64", "--compressed"])
    assert options == MeasureOptions(ReportOutput(), "app:1", "linux/arm64", compressed=True)
    assert isinstance(options, MeasureOptions)
    assert options.references == ("app:1",)


def test_diff() -> None:
    options = parse_arguments(["diff", "app:1", "app:2", "--format", "html"])
    assert options == DiffOptions(ReportOutput("html"), "app:1", "app:2")
    assert isinstance(options, DiffOptions)
    assert options.references == ("app:1", "app:2")


def test_publish() -> None:
    options = parse_arguments(["publish", "report.json", "--config", "size.yml"])
    assert options == PublishOptions(ReportOutput(), (Path("report.json"),), "size.yml")


def test_merge() -> None:
    options = parse_arguments(["merge", "1.json", "2.json", "--expect", "plan.json"])
    parts = (Path("1.json"), Path("2.json"))
    assert options == MergeOptions(ReportOutput(), parts, Path("plan.json"))


def test_action() -> None:
    assert parse_arguments(["action"]) == ActionOptions()


def test_schema() -> None:
    assert parse_arguments(["schema"]) == SchemaOptions("report")
    assert parse_arguments(["schema", "record"]) == SchemaOptions("record")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("", "compare the images of two revisions"),
        ("weigh", "invalid choice: 'weigh'"),
        ("measure", "required: IMAGE"),
        ("audit --format csv --output a --output b", "the suffix of each file decides"),
        ("measure a --format pdf", "invalid choice: 'pdf'"),
        ("audit --output a.pdf", "'.pdf' is the suffix of no format (choose from .txt, .md, .json"),
        ("measure a --output a.md --output b.png", "'.png' is the suffix of no format"),
        ("measure a --output /no/such/folder/x", "is not a file in a folder that exists"),
        ("measure a --output /tmp", "is not a file in a folder that exists"),
        ("images --format html", "invalid choice: 'html'"),
        ("images --verify", "--verify is for builds, and this command builds nothing"),
        ("images --secret id=x", "--secret is for builds"),
        ("images --ssh default", "--ssh is for builds"),
        ("images --add-host a:10.0.0.1", "--add-host is for builds"),
        ("images --build-timeout 5", "--build-timeout is for builds"),
        ("images --builder far", "--builder is for builds"),
        ("review --builder --jobs", "expected one argument"),
        ("review --builder=-x", "'-x' is not the name of a builder"),
        ("images --jobs 2", "--jobs is for builds"),
        ("review --jobs 0", "'0' is not a number of builds from 1 to 64"),
        ("review --jobs many", "'many' is not a number of builds"),
        ("images --cache-from a/b", "--cache-from is for builds"),
        ("review --cache-to type=s3", "not a kind of cache that is known here"),
        ("images --build-network host", "--build-network is for builds"),
        ("images --shards 0", "'0' is not a number from 1 to 256"),
        ("images --shards ²", "'²' is not a number from 1 to 256"),
        ("init --margin -1", "'-1' is not a percentage from 0 to 1000"),
        ("review --max-size heavy", "--max-size"),
        ("review --max-growth much", "--max-growth"),
        ("review --max-waste much", "--max-waste"),
        ("measure a --max-layers 0", "'0' is not a number of layers from 1 to 1000"),
        ("measure a --max-layers -1", "'-1' is not a number of layers"),
        ("review --max-growth 1MB --warn-growth 2MB", "--warn-growth"),
        ("diff a b --max-size 1MB --warn-size 2MB", "--warn-size"),
        ("review --dockerfile /etc/passwd", "--dockerfile"),
        ("review --platform pdp11", "--platform"),
        ("review --build-timeout 0", "'0' is not a positive number of minutes"),
        ("review --build-timeout soon", "'soon' is not a positive number of minutes"),
        ("advise Dockerfile --smoke-test 'a", "No closing quotation"),
        ("measure ", "IMAGE: the name is empty"),
        ("diff  b", "OLD: the name is empty"),
        ("diff a ", "NEW: the name is empty"),
        ("advise Dockerfile --image ", "--image: the name is empty"),
        ("review --base ", "--base: the name is empty"),
        ("review --head ", "--head: the name is empty"),
        ("audit --rev ", "--rev: the name is empty"),
    ],
)
def test_a_mistake_is_named_on_stderr(
    words: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        parse_arguments(words.split(" ") if words else [])
    assert caught.value.code == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("usage: image-size-review")
    assert message in output.err


def test_the_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse_arguments(["--help"])
    assert caught.value.code == 0
    commands = re.findall(r"^    (\w+)  ", capsys.readouterr().out, re.MULTILINE)
    assert commands == [
        "review",
        "audit",
        "images",
        "init",
        "advise",
        "measure",
        "diff",
        "merge",
        "publish",
        "schema",
        "completion",
    ]


def test_a_bare_build_argument_takes_its_value_from_the_environment() -> None:
    arguments = ["A=1", "B", "C=", "D=x=y", "E"]
    assert resolve_build_args(arguments, {"A": "other", "B": "2"}) == {
        "A": "1",
        "B": "2",
        "C": "",
        "D": "x=y",
    }


@pytest.mark.parametrize(
    "option", ["--target", "--build-arg", "--dockerfile", "--context", "--build-network"]
)
@pytest.mark.parametrize("value", ["a\udcff", "a\0b"])
def test_a_value_that_no_program_can_be_given_is_an_error(
    option: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        parse_arguments(["review", option, value])
    assert caught.value.code == 2
    assert f"argument {option}" in capsys.readouterr().err


def test_a_variable_of_bytes_that_are_not_utf8_is_no_build_argument() -> None:
    with pytest.raises(InputError, match="The variable A"):
        resolve_build_args(["A"], {"A": "a\udcff"})


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("audit", "text"),
        ("audit --output a.json", "json"),
        ("audit --output a.MD", "markdown"),
        ("audit --output a.html", "html"),
        ("audit --output a.txt", "text"),
        ("audit --output a.csv", "csv"),
        ("audit --output a.sarif", "sarif"),
        ("audit --output a.xml", "junit"),
        ("audit --output a.prom", "openmetrics"),
        ("audit --format text --output a.pdf", "text"),
        ("audit --output a", "text"),
        ("audit --format csv --output a.json", "csv"),
        ("measure a --output a.csv", "csv"),
    ],
)
def test_the_format_follows_the_suffix_of_the_file(words: str, name: str) -> None:
    options = parse_arguments(words.split())
    assert isinstance(options, AuditOptions | MeasureOptions)
    assert options.output.format == name


@pytest.mark.parametrize("option", ["--max-size", "--warn-size", "--max-growth", "--max-waste"])
@pytest.mark.parametrize(
    ("value", "warning"),
    [
        ("10", "warning: 10 has no unit, so it is 10 bytes; write for example 10MB\n"),
        ("1", "warning: 1 has no unit, so it is 1 byte; write for example 1MB\n"),
        ("0", ""),
        ("10B", ""),
        ("10kB", ""),
        ("10000", ""),
    ],
)
def test_a_small_number_without_a_unit_is_a_warning(
    option: str, value: str, warning: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parse_arguments(["measure", "a", option, value])
    assert capsys.readouterr().err == warning


def test_a_report_is_written_to_several_files() -> None:
    options = parse_arguments(["audit", "--output", "a.json", "--output", "b.csv"])
    assert isinstance(options, AuditOptions)
    second = ReportOutput("csv", Path("b.csv"))
    assert options.output == ReportOutput("json", Path("a.json"), (second,))
