"""The reports behind the golden pages, each described in a few strings."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bot.audit.repeated_files import RepeatedFileFinder
from bot.budget.approval import apply_approval, measure_growth
from bot.budget.untrusted_report import rejudge
from bot.dockerfile.suggestion_diff import make_suggestion_diff
from bot.line.audit_facts import condense_image, sort_by_size
from bot.model.audit import AuditFacts
from bot.model.failures import FailureCause, FailureKind
from bot.model.image_identity import BaseUse, ImageIdentity
from bot.model.metric import Metric
from bot.model.report import (
    Approval,
    GateChange,
    GateKind,
    ImageReport,
    ImageState,
    Mode,
    Outcome,
    Report,
)
from bot.model.spec import GrowthLimit
from bot.model.suggestion import (
    Confidence,
    Edit,
    SecondOffer,
    StartResult,
    Suggestion,
    Verification,
)
from bot.model.trend import Trend, TrendPoint
from bot.report.document.report_document import render_json
from bot.report.formats.comment_marker import make_marker
from bot.report.formats.html.html_page import render_html
from bot.report.formats.markdown import render_markdown
from bot.report.formats.text import render_text
from tests.support.image_world import HEAD, NO_LIMIT, budget, compared, image, review, unchanged

FOLDER = Path(__file__).parent.parent / "goldens"
_NOTES = ("Built by BuildKit with the driver docker-container.",)
_BASE = "FROM python:3.12-slim 124MB (usr 119MB, var/lib 5MB)"
HOSTILE = (
    "a|b`c` </details><!-- --> @everyone #1 www.x.y http://x.y $m$ **b** [l](u) :tada:"
    "\u202egnp.exe\x1b[31m\r\n::error::x ##[error]y"
)

_LOG = (
    "#9 [runtime 3/5] RUN pip install -r requirements.txt",
    "#9 1.204 Collecting torch==9.9.9",
    "#9 1.871 \x1b[31mERROR: No matching distribution found for torch==9.9.9\x1b[0m",
    '#9 ERROR: process "/bin/sh -c pip install -r requirements.txt" did not complete: exit code: 1',
    "------",
    "Dockerfile:5",
    "--------------------",
    "   4 |     COPY requirements.txt .",
    "   5 | >>> RUN pip install -r requirements.txt",
    "--------------------",
)
_REASON = 'process "/bin/sh -c pip install -r requirements.txt" did not complete: exit code: 1'

_ONE_STAGE = """\
FROM python:3.12-slim
RUN apt-get update && apt-get install -y build-essential
RUN pip install -r requirements.txt
COPY . /app
"""
_MULTI_STAGE = """\
FROM python:3.12-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends build-essential
RUN pip install --prefix=/out -r requirements.txt
FROM python:3.12-slim
COPY --from=build /out /usr/local
COPY . /app
"""


def suggestion(**fields: object) -> Suggestion:
    """Build the suggestion of a verified multi-stage rewrite."""
    defaults: dict[str, object] = {
        "rule": "compiler-in-final-stage",
        "title": "Use a multi-stage build and copy only the result",
        "message": "gcc and its headers are only needed while pip compiles.",
        "confidence": Confidence.VERIFIED,
        "line_start": 2,
        "line_end": 2,
        "saving_bytes": 605_300_000,
        "dockerfile": _MULTI_STAGE,
        "verification": Verification(
            True, StartResult.SAME, 294_700_000, "built, started, same exit status"
        ),
    }
    return Suggestion(**(defaults | fields))  # type: ignore[arg-type]


def over_budget() -> Report:
    """Build the report on a compiler added to an image."""
    before = f"{_BASE} / RUN pip install -r requirements.txt 160MB ~1 / COPY . /app 4MB"
    after = (
        f"{_BASE} / RUN apt-get update && apt-get install -y build-essential 610MB waste 21MB"
        " (deb gcc-12 12.2.0-14 331MB, deb libc6-dev 2.36-9 212MB, deb binutils 2.40-2 46MB,"
        " var/lib/apt/lists 21MB)"
        " / RUN pip install -r requirements.txt 160MB ~2 = / COPY . /app 6.12MB ~2 (app 6.12MB)"
    )
    multi_stage = replace(suggestion(), diff=make_suggestion_diff(_ONE_STAGE, suggestion()))
    api = compared(before, after, budget(max_growth="10MB"), suggestions=(multi_stage,))
    web = compared(
        "FROM nginx 50MB / COPY dist 9MB", "FROM nginx 50MB / COPY dist 9.4MB ~2", name="web"
    )
    api = replace(api, base_budget=api.spec.budget)
    return review(
        web,
        api,
        unchanged("worker"),
        unchanged("docs"),
        notes=_NOTES,
        approval_label="image-size-approved",
    )


def sample() -> Report:
    """Build the report of `make demo`, which the README shows."""
    base = "FROM python:3.12-slim 136MB"
    before = (
        f"{base} / RUN pip install --no-cache-dir -r requirements.txt 5.99MB (pypi markdown 3.5 5.99MB)"
        " / COPY notes notes 406B"
    )
    after = (
        f"{base} / RUN apt-get update && apt-get install -y gcc git 344MB waste 1.8MB"
        " (deb gcc-12 12.2.0-14 146MB, deb cpp-12 12.2.0-14 42.6MB, deb git 1:2.39.5 49MB,"
        " deb perl-base 5.36.0 25.7MB, /var/lib/apt/lists 80.7MB)"
        " / RUN pip install -r requirements.txt 29.6MB (pypi markdown 3.6 5.6MB, pypi pygments 2.18 9.3MB,"
        " /root/.cache/pip 14.7MB) / COPY . . 954B"
    )
    limits = budget(max_growth="10MB")
    notes = compared(image(before, exact=False), image(after, exact=False), limits, "notes")
    return review(
        notes,
        unchanged("docs"),
        limit_options=("--max-growth",),
        notes=("Built with BuildKit of Docker Engine 26.1.5, builder 'default' (docker driver).",),
    )


def explained() -> Report:
    """Build a report with growth of every kind.

    Packages, a wheel, a chown, a cache left behind, and a base image updated under the same tag.
    """
    before = (
        "FROM debian:bookworm-slim 75MB (deb libssl3 3.0.11 6MB, deb perl-base 5.36 69MB)"
        " / RUN apt-get update && apt-get install -y llvm 40MB (deb libllvm14 14.0.6 40MB)"
        " / RUN pip install -r requirements.txt 60MB (pypi numpy 1.26.4 60MB)"
        " / COPY . /app 244MB / COPY models /srv/models 90MB (/srv/models/bert 90MB)"
    )
    after = (
        "FROM debian:bookworm-slim 78MB ~2 (deb libssl3 3.0.14 9MB, deb perl-base 5.36 69MB)"
        " / RUN apt-get update && apt-get install -y llvm 82MB ~2"
        " (deb libllvm14 15.0.7 61MB, /var/lib/apt/lists/partial 21MB)"
        " / RUN pip install -r requirements.txt 64MB ~2 (pypi numpy 2.1.0 64MB)"
        " / COPY . /app 244MB ~2 = / COPY models /srv/models 90MB ~2 = (/srv/models/bert 90MB)"
        " / RUN chown -R app /app 244MB copies 244MB of 4 in /app (/app 244MB)"
        " / RUN mv /srv/models /opt/models 90MB removes 90MB of 5 in /srv/models/bert"
        " (/opt/models/bert 90MB)"
    )
    old = image(before, tree="app/video.mp4 200MB #v @4, srv/models/bert/file 90MB #m @5")
    new = image(
        after,
        exact=False,
        compressed_error=0.02,
        tree="app/video.mp4 200MB #v @6, opt/models/bert/file 90MB #m @7, app/a.bin 9MB #x @6,"
        " app/b.bin 9MB #x @6",
    )
    return review(compared(old, new, budget(max_growth="50MB")))


def approved() -> Report:
    """Build the sample's report with its growth approved."""
    approval = Approval("image-size-approved", "alice", "2026-01-02 03:04 UTC", is_valid=True)
    report = replace(sample(), approval_label=approval.label)
    return apply_approval(report, approval, measure_growth(report, HEAD.sha), HEAD.sha)


def changed_rules() -> Report:
    """Build a report on a change that loosens its own limits, and passes by the base's."""
    old, new = "FROM nginx 50MB / COPY dist 9MB", "FROM nginx 50MB / COPY dist 9.4MB ~2"
    strict = budget(max_growth="1MB")
    web = compared(old, new, strict, "web", base_budget=strict)
    dropped = compared(old, new, strict, "docs", base_budget=strict, is_dropped=True)
    warn, passes, path = Outcome.WARN, Outcome.PASS, ".github/image-size.yml"
    text = "the growth limit of all images"
    return review(
        web,
        rejudge(review(dropped)).images[0],
        gate_changes=(
            GateChange(GateKind.LIMIT, text, "1 MB", "100 GB", warn, path),
            GateChange(GateKind.IMAGE, "the image docs", "reviewed", "not listed", warn, path),
            GateChange(GateKind.WORKFLOW, "the workflow x.yml", None, "added", passes, "x.yml"),
        ),
    )


def rules_of_unchanged_images() -> Report:
    """Build a report on a change of nothing but a rule."""
    change = GateChange(
        GateKind.METRIC, "the metric of all images", "unpacked", "filesystem", Outcome.WARN
    )
    return replace(nothing_changed(), gate_changes=(change,))


def within() -> Report:
    """Build a report on allowed growth, part of it from a new base image."""
    old = "FROM golang:1.22 800MB / COPY . /src 12MB / RUN go build -o /app 30MB"
    new = "FROM golang:1.23 803MB ~2 / COPY . /src 12.2MB ~2 / RUN go build -o /app 31MB ~2"
    api = compared(old, new, budget(max_size="900MB", max_growth="10MB"))
    return review(api, unchanged("worker"))


def shared_base() -> Report:
    """Build a report on a base image of the repository that grew, and with it those built on it."""
    limits = budget(max_growth="10MB")
    copy = "COPY tools /opt/tools"
    small, large = f"{copy} 15MB (/opt/tools 15MB)", f"{copy} 130MB ~2 (/opt/tools 130MB)"
    base = compared(f"{_BASE} / {small}", f"{_BASE} / {large}", limits, "base")
    base = replace(base, spec=replace(base.spec, dockerfile="base/Dockerfile"))
    identity = ImageIdentity("base", "base/Dockerfile")
    use = BaseUse(identity, "internal/base", is_from=True)
    users = [
        compared(
            f"FROM internal/base 139MB / COPY . /srv {size}",
            f"FROM internal/base 254MB ~2 / COPY . /srv {size}",
            limits,
            name,
            based_on=(use,),
        )
        for name, size in (("api", "10MB"), ("auth", "8MB"))
    ]
    base = replace(base, base_of=tuple(ImageIdentity(x.spec.name, "Dockerfile") for x in users))
    return review(*users, base, unchanged("docs"))


def shared_file() -> Report:
    """Build a report on five images that copy one new file, of which one has another one, too."""
    return review(*map(_with_shared_file, ("cart", "mail", "news", "search", "shop")))


def _with_shared_file(name: str) -> ImageReport:
    world = f"{_BASE} / COPY {name} /app 2MB / COPY shared /srv"
    tree = "srv/old.bin 1MB @3"
    has_model = name == "search"
    model = " / COPY model /model 9MB (/model 9MB)" if has_model else ""
    return compared(
        image(f"{world} 1MB (/srv 1MB)", tree=tree),
        image(
            f"{world} 4MB ~2 (/srv 4MB){model}",
            tree=f"{tree}, srv/blob.bin 3MB @3"
            + (", model/weights.bin 9MB @4" if has_model else ""),
        ),
        budget(max_growth="2MB", common=frozenset({"max-growth"})),
        name,
    )


def download() -> Report:
    """Build a report on a change of a few bytes that makes a large layer new."""
    lines = "RUN pip install -r requirements.txt 160MB{0} / RUN python weights.py 1.1GB{0}"
    limits = budget(max_growth="10MB")
    old = f"{_BASE} / COPY . . 4000000B / {lines.format('')}"
    new = f"{_BASE} / COPY . . 4000006B ~2 / {lines.format(' ~2 =')}"
    return review(compared(old, new, limits, "ml"))


def grows_for_weeks() -> Report:
    """Build a report with the trend of recorded sizes."""
    world = "FROM alpine:3.20 8MB / COPY site {}MB"
    dates = (f"2026-11-{day:02}T12:00:00Z" for day in range(2, 29, 2))
    points = tuple(
        TrendPoint(f"{day:040x}", date, (92 + day) * 10**6) for day, date in enumerate(dates)
    )
    return review(
        compared(
            *(world.format(97), world.format(98) + " ~2", budget(max_size="120MB"), "site"),
            trend=Trend(Metric.UNPACKED, points, 26, 28),
        )
    )


def shrank() -> Report:
    """Build a report on an image that shrank."""
    old = "FROM node:22 400MB / COPY . . 5MB / RUN npm ci 380MB / RUN npm run build 115MB"
    new = "FROM node:22-slim 200MB / COPY . . 5MB / COPY --from=build /app/dist 55MB"
    return review(compared(old, new, name="web"))


def nothing_changed() -> Report:
    """Build a report on twelve unchanged images."""
    return review(*(unchanged(f"service-{number}") for number in range(1, 13)))


def new_and_gone() -> Report:
    """Build a report on images that are new, removed, or without a baseline."""
    world = "FROM alpine:3.20 8MB / RUN apk add --no-cache nginx 4MB / COPY site 36MB"
    return review(
        compared(None, world, budget(max_size="100MB"), "site", ImageState.NEW),
        compared(world, None, name="legacy", state=ImageState.REMOVED),
        compared(None, world, budget(max_growth="5MB"), "cron", ImageState.NO_BASELINE),
    )


def renamed() -> Report:
    """Build a report on images that base knows by another name, or that may be such."""
    world = "FROM alpine:3.20 8MB / COPY site 36MB"
    grown = "FROM alpine:3.20 8MB / COPY site 126MB ~2"
    limits = budget(max_growth="10MB")
    web = compared(
        *(world, grown, limits, "web/Dockerfile.prod"),
        renamed_from=ImageIdentity("web/Dockerfile", "web/Dockerfile"),
    )
    return review(
        replace(web, spec=replace(web.spec, dockerfile="web/Dockerfile.prod")),
        compared(
            *(world, world, limits, "job"), renamed_from=ImageIdentity("job", "x", "linux/arm64")
        ),
        compared(None, world, limits, "cron", ImageState.NEW, removed=("legacy",)),
        compared(None, None, name="legacy", state=ImageState.REMOVED),
    )


def base_fails() -> Report:
    """Build a report on a base that no longer builds: growth is neither +100 % nor 0."""
    world = f"{_BASE} / RUN pip install -r requirements.txt 160MB"
    limits = budget(max_size="300MB", max_growth="10MB")
    state = ImageState.BASE_BUILD_FAILED
    failure = FailureCause(FailureKind.INSTRUCTION)
    return review(
        compared(None, world, limits, state=state, reason=_REASON, log=_LOG, failure=failure)
    )


def fails_on_both_sides() -> Report:
    """Build a report on a build that failed before the change, and on one that lacks a secret."""
    state = ImageState.HEAD_BUILD_FAILED
    alike = FailureCause(FailureKind.INSTRUCTION, fails_at_base=True)
    secret = FailureCause(FailureKind.SECRET, fails_at_base=True)
    return review(
        compared(None, None, state=state, reason=_REASON, log=_LOG, failure=alike),
        compared(
            *(None, None, NO_LIMIT, "web", state),
            reason="secret npm_token: not found",
            failure=secret,
        ),
    )


def head_fails() -> Report:
    """Build a report on a broken build and an image that could not be measured."""
    world = f"{_BASE} / RUN pip install -r requirements.txt 160MB"
    limits = budget(max_size="300MB", max_growth="10MB")
    return review(
        compared(
            *(world, None, limits),
            state=ImageState.HEAD_BUILD_FAILED,
            reason=_REASON,
            log=_LOG,
            failure=FailureCause(FailureKind.INSTRUCTION),
        ),
        compared(
            world,
            None,
            limits,
            "job",
            ImageState.MEASURE_FAILED,
            reason="layer 3 of the archive ends early",
        ),
        compared("FROM scratch 0B / COPY x 9MB", "FROM scratch 0B / COPY x 90MB", limits, "tool"),
    )


def old_debt() -> Report:
    """Build a report on an image that was over its limit before the change."""
    world = f"{_BASE} / RUN pip install -r requirements.txt 260MB"
    return review(compared(world, f"{world} / COPY notes 1kB", budget(max_size="300MB")))


def over_layer_limits() -> Report:
    """Build a report on images with too much waste, too many layers, and within both limits."""
    hidden = "RUN apt-get update && apt-get install -y gcc 310MB waste 42MB"
    old = f"{_BASE} / {hidden.replace('310', '290').replace('42', '12')}"
    new = (
        f"{_BASE} / {hidden} ~2 / COPY . /app 4MB / RUN rm -rf /var/lib/apt/lists 0B"
        " removes 42MB of 2 in /var/lib/apt/lists"
    ).replace(" waste 42MB", "")
    limits = replace(budget("900MB"), max_waste=GrowthLimit(20_000_000, 5), max_layers=12)
    few = replace(NO_LIMIT, max_layers=3)
    layered = f"{_BASE} / RUN a 1MB / RUN b 1MB"
    return review(
        compared(old, new, limits),
        compared(layered, f"{layered} / RUN c 1MB", few, "job"),
        compared(layered, f"{_BASE} / RUN a 1MB ~2 / RUN b 2MB", few, "web"),
    )


def compressed_metric() -> Report:
    """Build a report with a budget for an estimated compressed size."""
    limits = budget(max_size="100MB", max_growth="40.5MB", metric=Metric.COMPRESSED)
    base = image(f"{_BASE} / COPY model.bin 90MB", exact=False, compressed_error=0.02)
    fails = image(f"{_BASE} / COPY model.bin 190MB ~2", exact=False, compressed_error=0.02)
    close = image(f"{_BASE} / COPY model.bin 122MB ~2", exact=False, compressed_error=0.02)
    return review(compared(base, fails, limits), compared(base, close, limits, "close"))


def pull_metric() -> Report:
    """Build a report with a budget for the download of an update, estimated and exact."""
    limits = budget(max_size="120MB", max_growth="10MB", metric=Metric.PULL)
    lines = ("COPY . /app 4MB", "RUN pip install -r requirements.txt 160MB")
    old = " / ".join([_BASE, *lines])
    new = " / ".join([_BASE, *(f"{line} ~2" for line in lines)])
    old_image, new_image = (image(x, exact=False, compressed_error=0.02) for x in (old, new))
    return review(
        compared(old_image, new_image, limits),
        compared(old, f"{old} / COPY docs /docs 5MB", limits, "web"),
    )


def audit() -> Report:
    """Build the audit of a revision with one broken image, and two that have much in common."""
    api = image(
        f"{_BASE} / RUN apt-get install -y build-essential 610MB waste 21MB"
        " (deb gcc-12 12.2.0-14 331MB, deb libc6-dev 2.36-9 212MB, usr 67MB) / COPY . /app 6MB",
        "api:head",
        tree="app/model.bin 5MB #m @3, usr/lib/gcc/cc1 30MB @2",
    )
    over = compared(
        None,
        api,
        budget(max_size="700MB"),
        "api",
        ImageState.NO_BASELINE,
        suggestions=_two(134_700_000),
    )
    docs = compared(
        None,
        image(f"{_BASE} / COPY srv /srv 7MB", "docs:head", tree="srv/model.bin 5MB #m @2"),
        name="docs",
        state=ImageState.NO_BASELINE,
    )
    passing = compared(
        None,
        "FROM nginx 50MB / COPY dist 9MB",
        budget(max_size="80MB"),
        "web",
        ImageState.NO_BASELINE,
    )
    broken = compared(
        None, None, name="job", state=ImageState.HEAD_BUILD_FAILED, reason=_REASON, log=_LOG
    )
    tool = compared(
        None, "FROM scratch 0B / COPY tool 8MB", name="tool", state=ImageState.NO_BASELINE
    )
    finder = RepeatedFileFinder()
    images = [condense_image(x, finder) for x in (passing, tool, over, broken, docs)]
    return review(
        *sort_by_size(images),
        mode=Mode.AUDIT,
        base=None,
        reproduce_command=f"image-size-review audit --rev {HEAD.sha}",
        audit=AuditFacts("octo/app", "2026-01-02T03:04:05Z", finder.find()),
    )


def clean_audit() -> Report:
    """Build an audit without problems."""
    passing = tuple(image for image in audit().images if image.verdict is Outcome.PASS)
    return replace(audit(), images=passing)


def measure() -> Report:
    """Build the report of `measure`."""
    world = f"{_BASE} / RUN apt-get install -y curl 14MB waste 9MB / COPY . /app 6MB"
    command = "image-size-review measure app:latest"
    image_report = compared(None, world, name="app:latest", state=ImageState.NO_BASELINE)
    return review(image_report, mode=Mode.MEASURE, base=None, head=None, reproduce_command=command)


def diff() -> Report:
    """Build the report of `diff`."""
    old = f"{_BASE} / RUN pip install -r requirements.txt 160MB / COPY . /app 4MB"
    new = f"{_BASE} / RUN pip install -r requirements.txt 210MB ~2 / COPY . /app 4MB"
    command = "image-size-review diff app:1.0 app:1.1"
    image_report = compared(old, new, name="app:1.1")
    comparison = image_report.comparison
    assert comparison.base
    base = replace(comparison.base, reference="app:1.0")
    return review(
        replace(image_report, comparison=replace(comparison, base=base)),
        mode=Mode.DIFF,
        base=None,
        head=None,
        reproduce_command=command,
    )


def same_commit() -> Report:
    """Build the report of a review whose base is its head."""
    return review(unchanged("api/Dockerfile"), base=replace(HEAD, ref="HEAD"))


def advise() -> Report:
    """Build the report of `advise` for one Dockerfile without an image."""
    image_report = compared(
        None, None, name="api/Dockerfile", state=ImageState.NO_BASELINE, suggestions=_two()
    )
    command = "image-size-review advise api/Dockerfile --verify"
    return review(image_report, mode=Mode.ADVISE, base=None, head=None, reproduce_command=command)


def hostile() -> Report:
    """Build a report where every untrusted text is an attack."""
    name = HOSTILE
    world = f"FROM {name} 10MB / RUN {name} 100MB ({name} 90MB, </code></pre> 10MB)"
    code = f"FROM x\n</code></pre>\n```\n{name}"
    offer = SecondOffer(name, 1_000_000, code)
    bad = suggestion(title=name, message=name, dockerfile=code, second_offer=offer)
    identity = ImageIdentity(name, name, name)
    report = compared(
        *("FROM x 10MB", world, budget(max_growth="1MB"), name),
        suggestions=(bad,),
        based_on=(BaseUse(identity, name, is_from=True),),
        base_of=(identity,),
    )
    fails = compared(
        None,
        None,
        name="b" + name,
        state=ImageState.HEAD_BUILD_FAILED,
        reason=name,
        log=(name, "```", "</pre>"),
    )
    head = replace(HEAD, ref=name)
    gate = GateChange(GateKind.WORKFLOW, name, name, name, Outcome.WARN, name)
    return review(
        report,
        fails,
        unchanged(name),
        head=head,
        notes=(name,),
        reproduce_command=f"x {name}",
        gate_changes=(gate,),
    )


def _two(verified_bytes: int = 294_700_000) -> tuple[Suggestion, ...]:
    edit = Edit(2, 2, "RUN apt-get install -y build-essential && rm -rf /var/lib/apt/lists/*\n")
    lists = suggestion(
        rule="apt-lists-left",
        title="Delete the apt package lists in the same `RUN`",
        message="Nothing reads the lists once the packages are installed.",
        confidence=Confidence.MEASURED,
        saving_bytes=21_000_000,
        dockerfile=None,
        verification=None,
        edits=(edit,),
    )
    proof = Verification(True, StartResult.SAME, verified_bytes, "built, started, same exit status")
    return (lists, suggestion(verification=proof))


_CASES = (
    sample,
    over_budget,
    explained,
    approved,
    changed_rules,
    rules_of_unchanged_images,
    within,
    shared_base,
    shared_file,
    download,
    grows_for_weeks,
    shrank,
    nothing_changed,
    same_commit,
    new_and_gone,
    renamed,
    base_fails,
    fails_on_both_sides,
    head_fails,
    old_debt,
    over_layer_limits,
    compressed_metric,
    pull_metric,
    audit,
    clean_audit,
    measure,
    diff,
    advise,
    hostile,
)
CASES = {case.__name__.replace("_", "-"): case for case in _CASES}


def many(number: int) -> Report:
    """Build a report on `number` changed images with names of the maximum length."""
    names = (f"{index}" + "|`<@" * 75 for index in range(number))
    return review(*(_one_of_many(index, name) for index, name in enumerate(names)))


def _one_of_many(index: int, name: str) -> ImageReport:
    limits = budget(max_growth="2MB") if index % 3 == 0 else budget()
    text = f"COPY {name}"
    old = f"{_BASE} / {text} {index + 1}MB / RUN x 1MB"
    new = f"{_BASE} / {text} {2 * index + 3}MB ~2 / RUN x 1MB ~2 = / RUN y{name} 3kB"
    return compared(old, new, limits, name)


def golden_files() -> Iterator[tuple[str, str]]:
    """Yield the name and the content of every golden file."""
    marker = make_marker("default", HEAD.sha)
    for name, case in CASES.items():
        report = case()
        yield f"{name}.md", render_markdown(report, marker=marker)
        yield f"{name}.txt", render_text(report)
        yield f"{name}.short.txt", render_text(report, is_short=True)
    for name in ("over-budget", "explained", "changed-rules", "audit", "head-fails", "hostile"):
        yield f"{name}.json", render_json(CASES[name]())
    for name in ("sample", "over-budget", "explained", "changed-rules", "audit", "hostile"):
        yield f"{name}.html", render_html(CASES[name]())
