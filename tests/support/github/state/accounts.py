"""Accounts, tokens, repositories and their labels."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Literal

from tests.support.github.records import Account, Label, Level, Repository, Token

# Beyond 32 bits from the first one on, as GitHub's have long been.
_FIRST_ID = 3_000_000_001
ACTIONS_BOT = "github-actions[bot]"
_KNOWN_IDS = {ACTIONS_BOT: 41_898_282}


def wall_clock() -> datetime:
    """Return the time; the default clock of a stand-in."""
    return datetime.now(UTC)


class AccountState:
    """Accounts, tokens, and the repositories that belong to them."""

    def __init__(self, clock: Callable[[], datetime] = wall_clock) -> None:
        self._clock = clock
        self._ids = count(_FIRST_ID)
        self.accounts: dict[str, Account] = {}
        self.tokens: dict[str, Token] = {}
        self.repositories: dict[str, Repository] = {}
        self.repository_labels: dict[tuple[str, str], Label] = {}

    def now(self) -> datetime:
        """Return the time without fractions of a second, as GitHub has it."""
        return self._clock().replace(microsecond=0)

    def account(self, login: str) -> Account:
        """Return the account of a login; it is created on first use."""
        key = login.lower()
        if key not in self.accounts:
            number = _KNOWN_IDS.get(login) or next(self._ids)
            self.accounts[key] = Account(number, login, self.now())
        return self.accounts[key]

    def token(
        self,
        login: str,
        *,
        value: str = "",
        kind: Literal["user", "installation", ""] = "",
        sees: Iterable[str] = (),
        **rights: str,
    ) -> str:
        """Return a new token: `token("github-actions[bot]", issues="write", pull_requests="read")`.

        It is an installation's if its login is a bot's, and may do nothing that is not granted.
        """
        account = self.account(login)
        levels = {name: Level[level.upper()] for name, level in rights.items()}
        value = value or f"stand-in-token-{len(self.tokens) + 1}"
        chosen = kind or ("installation" if account.kind == "Bot" else "user")
        self.tokens[value] = Token(value, login, chosen, levels, frozenset(sees))
        return value

    def add_repository(
        self,
        name: str,
        *,
        private: bool = False,
        fork: bool = False,
        default_branch: str = "main",
        collaborators: Mapping[str, str] | None = None,
        labels: Iterable[str] = (),
    ) -> Repository:
        """Add a repository; roles are read, triage, write, maintain or admin."""
        rights = dict(collaborators or {})
        for login in (name.partition("/")[0], *rights):
            self.account(login)
        repository = Repository(
            next(self._ids), name, self.now(), private, fork, default_branch, rights
        )
        self.repositories[name.lower()] = repository
        for label in labels:
            self.repository_label(name, label)
        return repository

    def repository_label(self, repo: str, name: str) -> Label:
        """Return a label, ignoring case; a new one is created, as GitHub does."""
        key = (repo.lower(), name.lower())
        if key not in self.repository_labels:
            self.repository_labels[key] = Label(next(self._ids), repo, name)
        return self.repository_labels[key]

    def role(self, repository: Repository, login: str) -> str:
        """Return a user's role in a repository; every user can read a public one."""
        if login.lower() == repository.owner.lower():
            return "admin"
        for name, role in repository.collaborators.items():
            if name.lower() == login.lower():
                return role
        return "none" if repository.private else "read"
