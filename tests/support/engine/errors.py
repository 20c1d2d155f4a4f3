"""The one way in which this package fails."""


class EngineUnavailable(Exception):
    """No engine can be had here; says what happened, why, and what the reader can do."""

    def __init__(self, what: str, why: str, what_to_do: str) -> None:
        super().__init__(what, why, what_to_do)
        self.what = what
        self.why = why
        self.what_to_do = what_to_do

    def __str__(self) -> str:
        return f"{self.what}\n  Why: {self.why}\n  What to do: {self.what_to_do}"
