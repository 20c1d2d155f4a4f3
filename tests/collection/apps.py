"""The applications, as their folders describe themselves."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

FOLDER = Path(__file__).with_name("apps")
FACTS = "app.json"

Expectation = Literal["rewrite", "leave"]


@dataclass(frozen=True)
class App:
    """One application: what is expected of advice on it, and why."""

    folder: Path
    expect: Expectation
    why: str
    smoke_test: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def dockerfile(self) -> Path:
        return self.folder / "Dockerfile"


def read_app(folder: Path) -> App:
    facts = json.loads((folder / FACTS).read_text("utf-8"))
    return App(
        folder=folder,
        expect=cast(Expectation, facts["expect"]),
        why=facts["why"],
        smoke_test=tuple(facts.get("smoke_test", ())),
    )


def apps_in(folder: Path = FOLDER) -> tuple[App, ...]:
    """Every application of a folder, by name."""
    return tuple(read_app(facts.parent) for facts in sorted(folder.glob(f"*/{FACTS}")))


def chosen(apps: Collection[App], names: Collection[str]) -> list[App]:
    """Those whose names begin with one of the given; all of them where none is given."""
    return [app for app in apps if not names or app.name.startswith(tuple(names))]
