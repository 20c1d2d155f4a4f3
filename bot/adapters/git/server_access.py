"""Access to the servers of a clone: its own credentials, or the job's token for GitHub."""

import base64
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.adapters.environment import find_program
from bot.adapters.git.clone import Clone
from bot.adapters.git.git_command import Setting

# Up to where the path begins: ssh://USER@HOST:PORT/ or USER@HOST:
_SSH_PREFIX = re.compile(
    r"(?:git\+)?ssh://(?:[^@/]+@)?([^@:/]+)(?::\d+)?/"
    r"|(?:[^@:/]+@)?([^@:/]+):(?!//)"
)
_INSTEAD_OF = re.compile(r"url\.(.+)\.insteadof", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ServerAccess:
    """The server that the job belongs to and its token; both may be empty."""

    server_url: str = ""
    token: str = ""

    def make_settings(self, clone: Clone) -> tuple[Setting, ...]:
        """Return the settings with which git fetches on behalf of a clone."""
        own = clone.network_settings
        if not _has_ssh(clone):
            own = tuple(setting for setting in own if not _leads_to_ssh(setting))
        return (*own, *self._use_https(clone), *self._use_token(clone))

    def _use_token(self, clone: Clone) -> tuple[Setting, ...]:
        """Return the token for the job's server, unless actions/checkout has left its own."""
        if not self.token or not self.server_url:
            return ()
        url = f"{self.server_url.rstrip('/')}/"
        configured = clone.command.attempt("config", "--get-urlmatch", "http.extraheader", url)
        if configured.text:
            return ()
        # The form in which actions/checkout writes it.
        secret = base64.b64encode(f"x-access-token:{self.token}".encode()).decode()
        return ((f"http.{url}.extraheader", f"AUTHORIZATION: basic {secret}"),)

    def _use_https(self, clone: Clone) -> tuple[Setting, ...]:
        """Return settings that replace SSH, where there is none, by HTTPS on the job's server."""
        host = urlsplit(self.server_url).hostname
        if not host or _has_ssh(clone):
            return ()
        key = f"url.{self.server_url.rstrip('/')}/.insteadof"
        return tuple((key, prefix) for prefix in _list_ssh_prefixes(clone, host))


def _leads_to_ssh(setting: Setting) -> bool:
    """Return True for a setting that makes SSH of other addresses (`url.git@….insteadOf`)."""
    match = _INSTEAD_OF.fullmatch(setting[0])
    return bool(match and _SSH_PREFIX.match(match[1]))


def _has_ssh(clone: Clone) -> bool:
    return find_program("ssh", clone.command.environment) is not None


def _list_ssh_prefixes(clone: Clone, host: str) -> tuple[str, ...]:
    """Return how addresses of a server begin that SSH is for, those of the clone's remotes first.

    A remote can have another user (input `ssh-user` of actions/checkout) and another port.
    """
    usual = [
        prefix
        for user in ("git@", "")
        # GitHub's SSH over the port of HTTPS is at ssh.github.com:443.
        for prefix in (f"{user}{host}:", f"ssh://{user}{host}/", f"ssh://{user}ssh.{host}:443/")
    ]
    matches = (_SSH_PREFIX.match(url) for url in clone.remote_urls)
    own = (m[0] for m in matches if m and (m[1] or m[2]).lower() in (host, f"ssh.{host}"))
    prefixes = dict.fromkeys((*own, *usual))
    # An absolute path behind the colon, too: the longest prefix that fits is replaced.
    return tuple(
        text for prefix in prefixes for text in (prefix, f"{prefix}/") if not text.endswith("//")
    )
