"""A gate change as JSON: what a change alters in the rules that it is judged by."""

from bot.model.report import GateChange, GateKind, Outcome
from bot.report.document.json_types import Document, JsonObject


def write_gate_change(change: GateChange) -> Document:
    """Write one gate change."""
    return {
        "kind": change.kind.value,
        "subject": change.subject,
        "before": change.before,
        "after": change.after,
        "result": change.result.value,
        "file": change.file,
    }


def read_gate_change(data: JsonObject) -> GateChange:
    """Read one gate change."""
    return GateChange(
        kind=GateKind(data["kind"]),
        subject=data["subject"],
        before=data["before"],
        after=data["after"],
        result=Outcome(data["result"]),
        file=data["file"],
    )
