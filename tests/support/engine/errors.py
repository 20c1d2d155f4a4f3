"""The error that this package raises."""


class EngineUnavailable(Exception):
    """No engine can be started; carries the problem, the cause and the remedy."""

    def __init__(self, what: str, why: str, what_to_do: str) -> None:
        super().__init__(what, why, what_to_do)
        self.what = what
        self.why = why
        self.what_to_do = what_to_do

    def __str__(self) -> str:
        return f"{self.what}\n  Why: {self.why}\n  What to do: {self.what_to_do}"
