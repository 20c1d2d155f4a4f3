"""Opens the place where records are kept."""

from bot.adapters.git.repository import GitRepository
from bot.adapters.record_folder import RecordFolder
from bot.line.record_store import RecordStore
from bot.project.history_place import HistoryKind, HistoryPlace


def open_record_store(git: GitRepository, history: HistoryPlace) -> RecordStore:
    """Open a branch of the repository's remote, or a folder; a relative one is below its root."""
    if history.kind is HistoryKind.BRANCH:
        return git.open_record_branch(history.name)
    return RecordFolder(git.root / history.name)
