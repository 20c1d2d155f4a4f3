"""One image of a report as JSON: its declaration, its state, its checks."""

from bot.model.comparison import BaseOrHead, Comparison
from bot.model.failures import FailureCause, FailureKind
from bot.model.metric import Metric
from bot.model.report import MAX_LAYERS, MAX_WASTE, Check, ImageReport, ImageState, Outcome
from bot.model.spec import DEFAULT_RATCHET_RUNS, Budget, ContextSource, GrowthLimit, ImageSpec
from bot.report.document.baseline import read_baseline, write_baseline
from bot.report.document.build_key_fields import (
    read_build_key,
    read_recorded_commit,
    write_build_key,
)
from bot.report.document.changes import (
    read_file_changes,
    read_layer_match,
    write_file_changes,
    write_layer_match,
)
from bot.report.document.growth import (
    find_pull_bytes,
    read_attribution,
    read_delta,
    write_attribution,
    write_delta,
)
from bot.report.document.identity_fields import (
    read_base_use,
    read_identity,
    write_base_use,
    write_identity,
)
from bot.report.document.json_types import Document, JsonObject, read_integer
from bot.report.document.measured_image import read_image, write_image
from bot.report.document.suggested_edits import read_suggestion, write_suggestion
from bot.report.document.trend import read_trend, write_trend

# The fields of an image with what a limit on its layers is about; all others are sizes by a metric.
_LAYER_FIELDS = {MAX_WASTE: "own_wasted_bytes", MAX_LAYERS: "layers"}


def write_image_report(report: ImageReport) -> Document:
    """Write all that a report says of one image."""
    spec, comparison = report.spec, report.comparison
    return {
        "name": spec.name,
        "title": spec.shown_name,
        "dockerfile": spec.dockerfile,
        "context": spec.context,
        "context_source": spec.context_source.value,
        "target": spec.target,
        "platform": spec.platform,
        "state": report.state.value,
        "reason": report.reason,
        "base": write_image(comparison.base),
        "head": write_image(comparison.head),
        "delta": write_delta(comparison.delta),
        "pull_bytes": find_pull_bytes(report),
        "verdict": Outcome.worst((report.verdict,)).value,  # an image is never `skip`
        "checks": [_write_check(check) for check in report.checks],
        "attribution": [write_attribution(row) for row in comparison.attribution],
        "layers": [write_layer_match(match) for match in comparison.layer_matches],
        "files": write_file_changes(comparison.file_changes),
        "suggestions": [write_suggestion(suggestion) for suggestion in report.suggestions],
        "log": list(report.log),
        "notes": list(report.notes),
        "budget": _write_budget(spec.budget),
        "base_budget": _write_budget(report.base_budget) if report.base_budget else None,
        "dropped": report.is_dropped,
        "failure": _write_failure(report.failure),
        "renamed_from": write_identity(report.renamed_from) if report.renamed_from else None,
        "based_on": [write_base_use(use) for use in report.based_on],
        "base_of": [write_identity(identity) for identity in report.base_of],
        **write_baseline(report.baseline),
        "trend": write_trend(report.trend),
        **write_build_key(report.build_key, report.recorded_at),
    }


def read_image_report(data: JsonObject) -> ImageReport:
    """Read one image of a report."""
    # `get` for what the first schema lacks: parts, stored comments and saved reports may be of an
    # older version, and must not lose what they do have.
    return ImageReport(
        spec=_read_spec(data),
        state=ImageState(data["state"]),
        verdict=Outcome(data["verdict"]),
        comparison=_read_comparison(data),
        reason=data["reason"],
        log=tuple(data.get("log", ())),
        checks=tuple(_read_check(check) for check in data["checks"]),
        suggestions=tuple(read_suggestion(suggestion) for suggestion in data["suggestions"]),
        notes=tuple(data.get("notes", ())),
        base_budget=_read_budget(data["base_budget"]) if data.get("base_budget") else None,
        is_dropped=data.get("dropped", False),
        failure=_read_failure(data.get("failure")),
        renamed_from=read_identity(data["renamed_from"]) if data.get("renamed_from") else None,
        based_on=tuple(read_base_use(use) for use in data.get("based_on", ())),
        base_of=tuple(read_identity(identity) for identity in data.get("base_of", ())),
        baseline=read_baseline(data),
        trend=read_trend(data.get("trend")),
        build_key=read_build_key(data),
        recorded_at=read_recorded_commit(data),
    )


def _write_failure(failure: FailureCause | None) -> Document | None:
    if failure is None:
        return None
    return {
        "kind": failure.kind.value,
        "fails_at_base": failure.fails_at_base,
        "excused": failure.is_excused,
        "subject": failure.subject,
        "folder": failure.folder,
    }


def _read_failure(data: JsonObject | None) -> FailureCause | None:
    if data is None:
        return None
    return FailureCause(
        FailureKind(data["kind"]),
        fails_at_base=data["fails_at_base"],
        is_excused=data.get("excused", False),
        subject=data.get("subject", ""),
        folder=data.get("folder", ""),
    )


def _read_comparison(data: JsonObject) -> Comparison:
    return Comparison(
        base=read_image(data["base"]),
        head=read_image(data["head"]),
        delta=read_delta(data["delta"]),
        attribution=tuple(read_attribution(row) for row in data["attribution"]),
        layer_matches=tuple(read_layer_match(match) for match in data.get("layers", ())),
        file_changes=read_file_changes(data.get("files")),
    )


def _read_spec(data: JsonObject) -> ImageSpec:
    names = ("name", "dockerfile", "context", "target", "platform")
    # No build arguments, secrets or caches: nothing is built from a document, and their values are
    # in none.
    return ImageSpec(
        **{name: data[name] for name in names},
        budget=_read_budget(data.get("budget")),
        title=data.get("title", ""),
        context_source=ContextSource(data.get("context_source", ContextSource.DEFAULT)),
    )


def _write_budget(budget: Budget) -> Document:
    return {
        "max_size": budget.max_size,
        "max_growth": _write_growth(budget.max_growth),
        "warn_size": budget.warn_size,
        "warn_growth": _write_growth(budget.warn_growth),
        "ignore_below": budget.ignore_below,
        "metric": budget.metric.value,
        "follows_size": budget.follows_size,
        "ratchet_runs": budget.ratchet_runs,
        "max_waste": _write_growth(budget.max_waste),
        "max_layers": budget.max_layers,
        **({"common": sorted(budget.common)} if budget.common else {}),
    }


def _write_growth(growth: GrowthLimit | None) -> Document | None:
    return {"bytes": growth.bytes, "percent": growth.percent} if growth else None


def _read_budget(data: JsonObject | None) -> Budget:
    if data is None:
        return Budget()
    return Budget(
        max_size=read_integer(data["max_size"]),
        max_growth=_read_growth(data["max_growth"]),
        ignore_below=int(data["ignore_below"]),
        metric=Metric(data["metric"]),
        warn_size=read_integer(data.get("warn_size")),
        warn_growth=_read_growth(data.get("warn_growth")),
        follows_size=data.get("follows_size", False),
        ratchet_runs=int(data.get("ratchet_runs", DEFAULT_RATCHET_RUNS)),
        max_waste=_read_growth(data.get("max_waste")),
        max_layers=read_integer(data.get("max_layers")),
        common=frozenset(data.get("common", ())),
    )


def _read_growth(data: JsonObject | None) -> GrowthLimit | None:
    return GrowthLimit(read_integer(data["bytes"]), data["percent"]) if data else None


def _write_check(check: Check) -> Document:
    return {
        "name": check.name,
        "metric": _LAYER_FIELDS.get(check.name, f"{check.metric.value}_bytes"),
        "observed": check.observed,
        "limit": check.limit,
        "result": check.result.value,
        "reason": check.reason,
        "approved": check.approved,
        "source": check.source.value if check.source else None,
        "margin": check.margin,
        "auto": check.is_auto,
    }


def _read_metric(data: JsonObject) -> Metric:
    is_about_layers = data["name"] in _LAYER_FIELDS
    # By the name: it is a limit on layers, whatever a document calls its metric.
    return Metric.UNPACKED if is_about_layers else Metric(data["metric"].removesuffix("_bytes"))


def _read_check(data: JsonObject) -> Check:
    return Check(
        name=data["name"],
        metric=_read_metric(data),
        observed=read_integer(data["observed"]),
        limit=read_integer(data["limit"]),
        result=Outcome(data["result"]),
        reason=data["reason"],
        approved=data.get("approved", False),
        source=BaseOrHead(data["source"]) if data.get("source") else None,
        margin=int(data.get("margin", 0)),
        is_auto=data.get("auto", False),
    )
