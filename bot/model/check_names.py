"""The names of the checks that are about something else than a size."""

# The names of the checks that files of the context have their contents.
LFS_CHECK = "git-lfs"
SUBMODULES_CHECK = "submodules"
# The names of the checks that an image which was not built could be built at all.
CONTEXT_CHECK = "context"
IGNORED_FILES_CHECK = "ignored-files"
# The name of the check that there are recorded sizes, where a limit follows them.
HISTORY_CHECK = "history"
# The name of the check that there is an image to compare with, and one of base's own history.
BASELINE_CHECK = "baseline"
# The name of the check that it is known which images of the repository an image is built on.
BASE_IMAGE_CHECK = "base-image"
# The name of the check that no command before the build decides what is built.
PREPARATION_CHECK = "prepare"
CHECKS_WITHOUT_NUMBERS = (
    PREPARATION_CHECK,
    LFS_CHECK,
    SUBMODULES_CHECK,
    BASELINE_CHECK,
    HISTORY_CHECK,
    BASE_IMAGE_CHECK,
    CONTEXT_CHECK,
    IGNORED_FILES_CHECK,
)
