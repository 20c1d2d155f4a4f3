"""Facts that an event has about a pull request beside its commits: labels, pushes, their time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PullRequestActivity:
    """An action on a pull request, the label that it is about, and its time.

    At `time` (`2026-01-02T03:04:05Z`) the event's head was the pull request's already.
    `previous_head` is the commit before a push.
    """

    action: str = ""
    label: str = ""
    previous_head: str = ""
    time: str = ""

    @property
    def is_about_label(self) -> bool:
        """True if a label was set or removed, which changes no commit."""
        return self.action in ("labeled", "unlabeled")

    def sets_label(self, name: str) -> bool:
        """Return True if this label was set; GitHub's names of labels ignore case."""
        return self.action == "labeled" and self.label.lower() == name.lower()
