"""The number of the pull request that a commit merged, from its message.

GitHub writes `Merge pull request #12 from …` or, for a squash, `… (#12)`; GitLab `See merge request
group/project!12`; Bitbucket `Merged in … (pull request #12)`; Azure DevOps `Merged PR 12: …`.
"""

import re

# The message's beginning for merges, the end of its first line for a squash, and GitLab's line.
_FORMS = (
    re.compile(r"\AMerge pull request #(\d{1,9})\b"),
    re.compile(r"\AMerged PR (\d{1,9}):"),
    re.compile(r"\A[^\n]*\((?:pull request )?#(\d{1,9})\)\s*(?:\n|\Z)"),
    re.compile(r"^See merge request \S*!(\d{1,9})\s*$", re.MULTILINE),
)


def find_pull_request(message: str) -> int | None:
    """Return the number; None for a commit that came without a pull request."""
    for form in _FORMS:
        if match := form.search(message):
            return int(match[1])
    return None
