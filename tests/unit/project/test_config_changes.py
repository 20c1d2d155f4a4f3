"""What a change alters in the configuration file."""

from bot.model.report import ImageState, Outcome
from bot.model.spec import Budget, GrowthLimit, ImageSpec, Limits
from bot.project.config_changes import ConfigPair, list_config_changes
from bot.project.config_file import parse_config
from bot.project.declaration_changes import DeclarationFacts
from bot.project.image_plan import PlannedImage
from bot.project.overrides import Overrides

PATH = ".github/image-size.yml"


def describe(
    base: str | None, head: str, *images: PlannedImage, overrides: Overrides | None = None
) -> list[str]:
    old = None if base is None else parse_config(base, PATH)
    changes = list_config_changes(
        ConfigPair(PATH, old, parse_config(head, PATH)),
        overrides or Overrides(),
        images,
        DeclarationFacts(),
    )
    marks = {Outcome.WARN: "looser ", Outcome.PASS: ""}
    return [f"{marks[x.result]}{x.subject}: {x.before} → {x.after}" for x in changes]


def planned(base: Budget, head: Budget, target: str | None = None) -> PlannedImage:
    old = ImageSpec("api", "api/Dockerfile", "api", budget=base)
    new = ImageSpec("api", "api/Dockerfile", "api", target, budget=head)
    return PlannedImage(old, new, ImageState.CHANGED, base_budget=base)


def test_an_equal_file_has_no_changes() -> None:
    assert describe("budget: {max-growth: 1MB}", "budget: {max-growth: 1000kB}") == []
    assert describe(None, "{}") == []


def test_a_limit_of_all_images_is_told_once() -> None:
    old, new = Budget(max_size=1_000_000), Budget(max_size=2_000_000)
    assert describe("budget: {max-size: 1MB}", "budget: {max-size: 2MB}", planned(old, new)) == [
        "looser the size limit of all images: 1 MB → 2 MB"
    ]


def test_a_limit_of_all_images_may_be_a_default() -> None:
    common, default = "budget: {max-size: 1MB}", "defaults: {budget: {max-size: 1MB}}"
    old, new = Budget(max_size=1_000_000), Budget(max_size=2_000_000)
    assert describe(common, default, planned(old, old)) == []
    assert describe(common, f"{common}\ndefaults: {{budget: {{max-size: 2MB}}}}") == [
        "looser the size limit of all images: 1 MB → 2 MB"
    ]
    assert describe(default, default.replace("1MB", "2MB"), planned(old, new)) == [
        "looser the size limit of all images: 1 MB → 2 MB"
    ]


def test_a_limit_of_one_image_is_told_with_its_name() -> None:
    old, new = Budget(max_size=1_000_000), Budget(max_size=2_000_000)
    assert describe("{}", "{}", planned(old, new), planned(old, new)) == [
        "looser the size limit of the image api: 1 MB → 2 MB"
    ]


def test_a_limit_that_an_input_replaces_is_not_in_effect() -> None:
    overrides = Overrides(limits=Limits(max_growth=GrowthLimit(5_000_000)))
    assert describe(
        "budget: {max-growth: 1MB}", "budget: {max-growth: 1GB}", overrides=overrides
    ) == ["the growth limit of all images: 1 MB → 1 GB (not in effect: this run is given a limit)"]


def test_what_a_file_ignores_is_in_effect_beside_an_input() -> None:
    overrides = Overrides(limits=Limits(max_growth=GrowthLimit(5_000_000)))
    assert describe("{}", "budget: {ignore-below: 1GB}", overrides=overrides) == [
        "looser the growth that is ignored (ignore-below) of all images: 2 kB → 1 GB"
    ]


def test_of_a_new_file_only_what_loosens_is_told() -> None:
    text = "budget: {max-growth: 1MB, ignore-below: 1GB}\ncomment: never"
    assert describe(None, text) == [
        "looser the growth that is ignored (ignore-below) of all images: 2 kB → 1 GB",
        "looser when to comment (comment): changes → never",
    ]


def test_settings_of_base_are_told_where_head_has_others() -> None:
    base = "commit-status: size\ncomment: always"
    assert describe(base, "approve: {label: bug}\ncomment-threshold: 1MB") == [
        "looser the label that approves growth (approve.label): image-size-approved → bug",
        "looser the commit status (commit-status): size → none",
        "looser when to comment (comment): always → changes",
        "looser the change that is worth a comment (comment-threshold): 100 kB → 1 MB",
    ]
    assert describe("comment: never", "comment: always") == [
        "when to comment (comment): never → always"
    ]


def test_a_new_commit_status_is_told() -> None:
    assert describe(None, "commit-status: required/security-scan") == [
        "looser the commit status (commit-status): none → required/security-scan"
    ]


def test_another_target_is_told() -> None:
    image = planned(Budget(), Budget(), target="small")
    assert describe("{}", "{}", image) == [
        "looser the target of the image api: the last stage → small"
    ]


def test_a_dropped_image_is_told_with_its_dockerfile() -> None:
    spec = ImageSpec("api", "api/Dockerfile", "api")
    dropped = PlannedImage(spec, spec, ImageState.UNCHANGED, Budget(), is_dropped=True)
    assert describe(None, "{}", dropped) == [
        "looser the image api (api/Dockerfile): reviewed → "
        "not in the configuration; reviewed here as the base declares it"
    ]


def test_another_history_is_a_warning() -> None:
    assert describe("history: branch:sizes", "history: dir:sizes") == [
        "looser where sizes are recorded (history): branch:sizes → dir:sizes"
    ]
    assert describe("history: branch:sizes", "{}") == [
        "looser where sizes are recorded (history): branch:sizes → none"
    ]
