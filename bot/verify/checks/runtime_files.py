"""What programs take for granted: certificates, time zones, locales, users, /tmp, and their like."""

import posixpath
import re
from collections.abc import Iterator

from bot.model.proof import Regression, RegressionKind
from bot.verify.image_pair import ImagePair, OpenImage
from bot.verify.started_programs import list_started_programs

_CA_BUNDLES = (
    "etc/ssl/certs/ca-certificates.crt",
    "etc/ssl/cert.pem",
    "etc/pki/tls/certs/ca-bundle.crt",
    "etc/ssl/ca-bundle.pem",
    "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
)
_CA_VARIABLES = (
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
)
_LOCALE_PATHS = ("usr/lib/locale", "usr/share/locale-archive")
_MIME_USE = re.compile(
    r"\bmimetypes\b|\"mime\"|http\.(?:FileServer|ServeFile|ServeContent|FS)\b|StaticFiles|send_file"
)
_FONT_USE = re.compile(
    r"java\.awt|ImageIO|ImageFont|fontconfig|canvas|chromium|puppeteer|playwright|wkhtmlto|reportlab"
)
_UTC_ZONE = re.compile(r"/(?:UTC|UCT|Zulu|Universal|GMT)$")
_NETWORK_DATABASES = {
    "etc/services": re.compile(r"services|LookupPort|getserv(?:by|ent)"),
    "etc/protocols": re.compile(r"protocols|getproto(?:by|ent)"),
}


def check(pair: ImagePair) -> Iterator[Regression]:
    """What was there and is not."""
    yield from _check_certificates(pair)
    yield from _check_time_zones(pair)
    yield from _check_locales(pair)
    yield from _check_runtime_user(pair)
    yield from _check_healthcheck_programs(pair)
    yield from _check_tmp_and_databases(pair)


def _check_certificates(pair: ImagePair) -> Iterator[Regression]:
    """A bundle of certificates where libraries look for one."""
    old, new = pair.old, pair.new
    had = [path for path in _CA_BUNDLES if old.paths.is_file(path)]
    if had and not any(new.paths.is_file(path) for path in _CA_BUNDLES):
        message = "The new image has no CA certificates: no TLS peer can be trusted."
        yield Regression(
            RegressionKind.FILE, had[0], message, path=old.paths.resolve(had[0]) or had[0]
        )
    for name in _CA_VARIABLES:
        place = new.settings.env.get(name, "")
        if place and old.paths.resolve(place) and new.paths.resolve(place) is None:
            message = f"{name} names {place}, which the new image does not have."
            yield Regression(RegressionKind.FILE, place.strip("/"), message, path=place.strip("/"))


def _check_time_zones(pair: ImagePair) -> Iterator[Regression]:
    old, new = pair.old, pair.new
    folder = "usr/share/zoneinfo"
    if old.paths.is_directory(folder) and not new.paths.is_directory(folder):
        yield Regression(
            RegressionKind.FOLDER, folder, "The new image has no time zones.", path=folder
        )
    zone = old.settings.env.get("TZ", "").removeprefix(":")
    files = [f"usr/share/zoneinfo/{zone}"] if zone else []
    real = old.paths.resolve("etc/localtime") or ""
    # Where nothing is said, it is UTC.
    local = [] if _UTC_ZONE.search(real) else ["etc/localtime"]
    for path in (*files, *local):
        if old.paths.is_file(path) and not new.paths.is_file(path):
            yield Regression(RegressionKind.FILE, path, f"The new image has no /{path}.", path=path)


def _check_locales(pair: ImagePair) -> Iterator[Regression]:
    """Locales that were made, and the one that is set."""
    old, new = pair.old, pair.new
    archive = "usr/lib/locale/locale-archive"
    if old.paths.is_file(archive) and not new.paths.is_file(archive):
        yield Regression(
            RegressionKind.FILE, archive, "The generated locales are lost.", path=archive
        )
    before, after = (posixpath.join(_LOCALE_PATHS[0], name) for name in ("C.utf8", "C.UTF-8"))
    named = [old.settings.env.get(name, "") for name in ("LC_ALL", "LANG", "LC_CTYPE")]
    wanted = {name for name in named if name not in {"", "C", "POSIX"}}
    for name in sorted(wanted):
        folders = (f"usr/lib/locale/{name}", f"usr/lib/locale/{_normalize_locale(name)}")
        there = next((x for x in (*folders, before, after) if old.paths.is_directory(x)), None)
        kept = any(new.paths.is_directory(x) for x in (*folders, before, after))
        if there and not kept and _has_glibc(new):
            message = f"The locale {name} is set and the new image does not have it."
            yield Regression(RegressionKind.FOLDER, there, message, path=there)


def _normalize_locale(name: str) -> str:
    language, _, charset = name.partition(".")
    return f"{language}.{charset.lower().replace('-', '')}"


def _has_glibc(open_image: OpenImage) -> bool:
    """Whether programs may use the system's C library, which is what reads locales."""
    return any("libc.so.6" in path for path in open_image.image.tree)


def _check_runtime_user(pair: ImagePair) -> Iterator[Regression]:
    """Whom it runs as: the same numbers, the same home; and those that its scripts change to."""
    old, new = pair.old, pair.new
    before, after = old.runtime_user, new.runtime_user
    if before is None:
        return
    if after is None:
        message = f"USER {new.settings.user} does not exist in the new image."
        yield Regression(RegressionKind.USER, new.settings.user, message)
        return
    if (before.uid, before.gid) != (after.uid, after.gid):
        message = (
            f"It runs as {after.uid}:{after.gid} ({after.name}) where it ran as"
            f" {before.uid}:{before.gid} ({before.name})."
        )
        yield Regression(
            RegressionKind.USER, before.name, message, detail=f"{before.uid}:{before.gid}"
        )
    elif before.name in old.users and after.name not in new.users:
        message = f"/etc/passwd of the new image has nobody of the number {after.uid}."
        yield Regression(
            RegressionKind.USER, before.name, message, detail=f"{before.uid}:{before.gid}"
        )
    elif before.home != after.home and before.name in old.users:
        message = f"The home of {after.name} is {after.home} where it was {before.home}."
        yield Regression(RegressionKind.USER, before.name, message, detail=before.home)
    home = before.home.strip("/")
    if home and old.paths.is_directory(home) and not new.paths.is_directory(home):
        yield Regression(
            RegressionKind.FOLDER, home, f"The home directory /{home} is lost.", path=home
        )
    yield from _check_named_users(pair)


def _check_named_users(pair: ImagePair) -> Iterator[Regression]:
    """Users that the command line names: `su-exec app …`, `chown app`."""
    old, new = pair.old, pair.new
    words = set(" ".join(_read_startup_texts(pair)).replace(":", " ").replace("=", " ").split())
    for name in sorted(old.users.keys() & words - {"root"}):
        if name not in new.users:
            message = f"The command names the user {name}, whom the new image does not have."
            who = old.users[name]
            yield Regression(RegressionKind.USER, name, message, detail=f"{who.uid}:{who.gid}")


def _read_startup_texts(pair: ImagePair) -> Iterator[str]:
    """The command line, and the scripts that it starts."""
    new = pair.new
    yield from new.settings.command_line
    for start in list_started_programs(pair, new, new.settings.command_line):
        path = new.find_program(start.name)
        entry = new.paths.find_entry(path) if path else None
        if path and entry and entry.size < 100_000 and new.is_added_by_dockerfile(path):
            text = new.read_text(path)
            if text.startswith("#!"):
                yield text


def _check_healthcheck_programs(pair: ImagePair) -> Iterator[Regression]:
    """The tools of the health check."""
    old, new = pair.old, pair.new
    health = new.settings.health_check
    if health is None:
        return
    arguments = health.test[1:]
    if health.test[0] == "CMD-SHELL":
        arguments = (*(new.settings.shell or ("/bin/sh", "-c")), *arguments)
    for start in dict.fromkeys(
        (*list_started_programs(pair, old, arguments), *list_started_programs(pair, new, arguments))
    ):
        there = old.find_program(start.name)
        if there and new.find_program(start.name) is None:
            message = f"The health check runs {start.name}, which the new image does not have."
            yield Regression(RegressionKind.PROGRAM, start.name, message, path=there)


def _check_tmp_and_databases(pair: ImagePair) -> Iterator[Regression]:
    """The folder for temporary files, and small databases as far as something reads them."""
    old, new = pair.old, pair.new
    if old.paths.is_directory("tmp") and not new.paths.is_directory("tmp"):
        yield Regression(RegressionKind.FOLDER, "tmp", "The new image has no /tmp.", path="tmp")
    wanted = ["etc/nsswitch.conf", *_NETWORK_DATABASES] if _has_glibc(new) else []
    told = "\n".join(old.sources.values())
    if _MIME_USE.search(told):
        wanted.append("etc/mime.types")
    for path in wanted:
        if old.paths.is_file(path) and not new.paths.is_file(path):
            if path in _NETWORK_DATABASES and not _NETWORK_DATABASES[path].search(told):
                continue
            yield Regression(RegressionKind.FILE, path, f"The new image has no /{path}.", path=path)
    fonts = "usr/share/fonts"
    lost = old.paths.is_directory(fonts) and not new.paths.is_directory(fonts)
    if lost and _FONT_USE.search(told):
        yield Regression(RegressionKind.FOLDER, fonts, "It has no fonts any more.", path=fonts)
