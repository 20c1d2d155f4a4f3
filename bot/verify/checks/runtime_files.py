"""What programs take for granted: certificates, time zones, locales, users, /tmp, and their like."""

import posixpath
import re
from collections.abc import Iterator

from bot.model.proof import Lesson, Objection
from bot.verify.image_pair import Exhibit, Piece
from bot.verify.started_programs import starts

_BUNDLES = (
    "etc/ssl/certs/ca-certificates.crt",
    "etc/ssl/cert.pem",
    "etc/pki/tls/certs/ca-bundle.crt",
    "etc/ssl/ca-bundle.pem",
    "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
)
_POINTERS = (
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
)
_LOCALES = ("usr/lib/locale", "usr/share/locale-archive")
_MIME = re.compile(
    r"\bmimetypes\b|\"mime\"|http\.(?:FileServer|ServeFile|ServeContent|FS)\b|StaticFiles|send_file"
)
_FONTS = re.compile(
    r"java\.awt|ImageIO|ImageFont|fontconfig|canvas|chromium|puppeteer|playwright|wkhtmlto|reportlab"
)
_UTC = re.compile(r"/(?:UTC|UCT|Zulu|Universal|GMT)$")
_DATABASES = {
    "etc/services": re.compile(r"services|LookupPort|getserv(?:by|ent)"),
    "etc/protocols": re.compile(r"protocols|getproto(?:by|ent)"),
}


def check(exhibit: Exhibit) -> Iterator[Objection]:
    """What was there and is not."""
    yield from _certificates(exhibit)
    yield from _zones(exhibit)
    yield from _locales(exhibit)
    yield from _users(exhibit)
    yield from _health(exhibit)
    yield from _usual(exhibit)


def _certificates(exhibit: Exhibit) -> Iterator[Objection]:
    """A bundle of certificates where libraries look for one."""
    old, new = exhibit.old, exhibit.new
    had = [path for path in _BUNDLES if old.paths.is_file(path)]
    if had and not any(new.paths.is_file(path) for path in _BUNDLES):
        message = "The new image has no CA certificates: no TLS peer can be trusted."
        yield Objection(Lesson.FILE, had[0], message, path=old.paths.real(had[0]) or had[0])
    for name in _POINTERS:
        place = new.settings.env.get(name, "")
        if place and old.paths.real(place) and new.paths.real(place) is None:
            message = f"{name} names {place}, which the new image does not have."
            yield Objection(Lesson.FILE, place.strip("/"), message, path=place.strip("/"))


def _zones(exhibit: Exhibit) -> Iterator[Objection]:
    old, new = exhibit.old, exhibit.new
    folder = "usr/share/zoneinfo"
    if old.paths.is_directory(folder) and not new.paths.is_directory(folder):
        yield Objection(Lesson.FOLDER, folder, "The new image has no time zones.", path=folder)
    zone = old.settings.env.get("TZ", "").removeprefix(":")
    files = [f"usr/share/zoneinfo/{zone}"] if zone else []
    real = old.paths.real("etc/localtime") or ""
    # Where nothing is said, it is UTC.
    local = [] if _UTC.search(real) else ["etc/localtime"]
    for path in (*files, *local):
        if old.paths.is_file(path) and not new.paths.is_file(path):
            yield Objection(Lesson.FILE, path, f"The new image has no /{path}.", path=path)


def _locales(exhibit: Exhibit) -> Iterator[Objection]:
    """Locales that were made, and the one that is set."""
    old, new = exhibit.old, exhibit.new
    archive = "usr/lib/locale/locale-archive"
    if old.paths.is_file(archive) and not new.paths.is_file(archive):
        yield Objection(Lesson.FILE, archive, "The generated locales are lost.", path=archive)
    before, after = (posixpath.join(_LOCALES[0], name) for name in ("C.utf8", "C.UTF-8"))
    named = [old.settings.env.get(name, "") for name in ("LC_ALL", "LANG", "LC_CTYPE")]
    wanted = {name for name in named if name not in {"", "C", "POSIX"}}
    for name in sorted(wanted):
        folders = (f"usr/lib/locale/{name}", f"usr/lib/locale/{_normal(name)}")
        there = next((x for x in (*folders, before, after) if old.paths.is_directory(x)), None)
        kept = any(new.paths.is_directory(x) for x in (*folders, before, after))
        if there and not kept and _has_glibc(new):
            message = f"The locale {name} is set and the new image does not have it."
            yield Objection(Lesson.FOLDER, there, message, path=there)


def _normal(name: str) -> str:
    language, _, charset = name.partition(".")
    return f"{language}.{charset.lower().replace('-', '')}"


def _has_glibc(piece: Piece) -> bool:
    """Whether programs may use the system's C library, which is what reads locales."""
    return any("libc.so.6" in path for path in piece.image.tree)


def _users(exhibit: Exhibit) -> Iterator[Objection]:
    """Whom it runs as: the same numbers, the same home; and those that its scripts change to."""
    old, new = exhibit.old, exhibit.new
    before, after = old.account, new.account
    if before is None:
        return
    if after is None:
        message = f"USER {new.settings.user} does not exist in the new image."
        yield Objection(Lesson.USER, new.settings.user, message)
        return
    if (before.uid, before.gid) != (after.uid, after.gid):
        message = (
            f"It runs as {after.uid}:{after.gid} ({after.name}) where it ran as"
            f" {before.uid}:{before.gid} ({before.name})."
        )
        yield Objection(Lesson.USER, before.name, message, detail=f"{before.uid}:{before.gid}")
    elif before.name in old.users and after.name not in new.users:
        message = f"/etc/passwd of the new image has nobody of the number {after.uid}."
        yield Objection(Lesson.USER, before.name, message, detail=f"{before.uid}:{before.gid}")
    elif before.home != after.home and before.name in old.users:
        message = f"The home of {after.name} is {after.home} where it was {before.home}."
        yield Objection(Lesson.USER, before.name, message, detail=before.home)
    home = before.home.strip("/")
    if home and old.paths.is_directory(home) and not new.paths.is_directory(home):
        yield Objection(Lesson.FOLDER, home, f"The home directory /{home} is lost.", path=home)
    yield from _changed_to(exhibit)


def _changed_to(exhibit: Exhibit) -> Iterator[Objection]:
    """Users that the command line names: `su-exec app …`, `chown app`."""
    old, new = exhibit.old, exhibit.new
    words = set(" ".join(_texts(exhibit)).replace(":", " ").replace("=", " ").split())
    for name in sorted(old.users.keys() & words - {"root"}):
        if name not in new.users:
            message = f"The command names the user {name}, whom the new image does not have."
            who = old.users[name]
            yield Objection(Lesson.USER, name, message, detail=f"{who.uid}:{who.gid}")


def _texts(exhibit: Exhibit) -> Iterator[str]:
    """The command line, and the scripts that it starts."""
    new = exhibit.new
    yield from new.settings.arguments
    for start in starts(exhibit, new, new.settings.arguments):
        path = new.program(start.name)
        entry = new.paths.entry(path) if path else None
        if path and entry and entry.size < 100_000 and new.is_own(path):
            text = new.text(path)
            if text.startswith("#!"):
                yield text


def _health(exhibit: Exhibit) -> Iterator[Objection]:
    """The tools of the health check."""
    old, new = exhibit.old, exhibit.new
    health = new.settings.health
    if health is None:
        return
    arguments = health.test[1:]
    if health.test[0] == "CMD-SHELL":
        arguments = (*(new.settings.shell or ("/bin/sh", "-c")), *arguments)
    for start in dict.fromkeys(
        (*starts(exhibit, old, arguments), *starts(exhibit, new, arguments))
    ):
        there = old.program(start.name)
        if there and new.program(start.name) is None:
            message = f"The health check runs {start.name}, which the new image does not have."
            yield Objection(Lesson.PROGRAM, start.name, message, path=there)


def _usual(exhibit: Exhibit) -> Iterator[Objection]:
    """The folder for temporary files, and small databases as far as something reads them."""
    old, new = exhibit.old, exhibit.new
    if old.paths.is_directory("tmp") and not new.paths.is_directory("tmp"):
        yield Objection(Lesson.FOLDER, "tmp", "The new image has no /tmp.", path="tmp")
    wanted = ["etc/nsswitch.conf", *_DATABASES] if _has_glibc(new) else []
    told = "\n".join(old.sources.values())
    if _MIME.search(told):
        wanted.append("etc/mime.types")
    for path in wanted:
        if old.paths.is_file(path) and not new.paths.is_file(path):
            if path in _DATABASES and not _DATABASES[path].search(told):
                continue
            yield Objection(Lesson.FILE, path, f"The new image has no /{path}.", path=path)
    fonts = "usr/share/fonts"
    lost = old.paths.is_directory(fonts) and not new.paths.is_directory(fonts)
    if lost and _FONTS.search(told):
        yield Objection(Lesson.FOLDER, fonts, "It has no fonts any more.", path=fonts)
