"""Check what programs take for granted: certificates, time zones, locales, users and `/tmp`."""

import posixpath
import re
from collections.abc import Iterator

from bot.dockerfile.shell_programs import POSIX_SHELLS
from bot.image.elf.program_traits import reads_zone_of_tz_only
from bot.image.filesystem.users import User
from bot.image.open_image import OpenImage
from bot.model.proof import Regression, RegressionKind
from bot.verify.checks.shared_libraries import list_elf_files
from bot.verify.image_pair import ImagePair
from bot.verify.lost_programs import find_lost_program
from bot.verify.started_programs import list_started_programs

# Where Debian and Alpine, Fedora and SUSE have the bundle, as in crypto/x509/root_linux.go of Go.
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
_LOCALES_PATH = "usr/lib/locale"
_C_LOCALES = ("C.utf8", "C.UTF-8")
_GO_MIME_USE = re.compile(r"\"mime\"|http\.(?:FileServer|ServeFile|ServeContent|FS)\b")
_MIME_USE = re.compile(rf"\bmimetypes\b|{_GO_MIME_USE.pattern}|StaticFiles|send_file")
_FONT_USE = re.compile(
    r"java\.awt|ImageIO|ImageFont|fontconfig|canvas|chromium|puppeteer|playwright|wkhtmlto|reportlab"
)
_UTC_ZONE = re.compile(r"/(?:UTC|UCT|Zulu|Universal|GMT)$")
_ZONES_OF_GO = "lib/time/zoneinfo.zip"
_ZONE_FUNCTION = re.compile(rb"\btime\.LoadLocation\b")
_EMBEDDED_ZONES = re.compile(rb"\btime/tzdata\b")
# `getservbyname("https")` fails without netbase, which python:slim has and debian:slim has not.
_NETWORK_DATABASES = {
    "etc/services": re.compile(r"etc/services|[lL]ookup(?:Port|Service)|getserv(?:by|ent)"),
    "etc/protocols": re.compile(r"etc/protocols|getproto(?:by|ent)"),
}
_GLIBC_INTERPRETER = re.compile(r"(?:python|ruby|perl|php(?:-fpm)?)[\d.]*")
# The names in the string table of an ELF file, each of which ends with a NUL.
_SERVICE_FUNCTION = re.compile(rb"\0(?:getservby(?:name|port)|getprotobyn(?:ame|umber))(?:_r)?\0")


def check(pair: ImagePair) -> Iterator[Regression]:
    """Yield what was there and is gone."""
    yield from _check_certificates(pair)
    yield from _check_time_zones(pair)
    yield from _check_zones_of_go(pair)
    yield from _check_locales(pair)
    yield from _check_runtime_user(pair)
    yield from _check_healthcheck_programs(pair)
    yield from _check_tmp_and_databases(pair)


def _check_certificates(pair: ImagePair) -> Iterator[Regression]:
    """Check that a CA bundle is where TLS libraries look for one."""
    old, new = pair.old, pair.new
    old_bundles = [path for path in _CA_BUNDLES if old.paths.is_file(path)]
    if old_bundles and not any(new.paths.is_file(path) for path in _CA_BUNDLES):
        message = "The new image has no CA certificates: no TLS peer can be trusted."
        yield Regression(
            RegressionKind.FILE,
            old_bundles[0],
            message,
            path=old.paths.resolve(old_bundles[0]) or old_bundles[0],
        )
    for name in _CA_VARIABLES:
        ca_path = new.config.env.get(name, "")
        if ca_path and old.paths.resolve(ca_path) and new.paths.resolve(ca_path) is None:
            message = f"{name} names {ca_path}, which the new image does not have."
            yield Regression(
                RegressionKind.FILE, ca_path.strip("/"), message, path=ca_path.strip("/")
            )


def _check_time_zones(pair: ImagePair) -> Iterator[Regression]:
    """Check the time zone database, and the zone that is set."""
    old, new = pair.old, pair.new
    folder = "usr/share/zoneinfo"
    is_lost = old.paths.is_directory(folder) and not new.paths.is_directory(folder)
    if is_lost and _may_read_zones(pair):
        yield Regression(
            RegressionKind.FOLDER, folder, "The new image has no time zones.", path=folder
        )
    zone = old.config.env.get("TZ", "").removeprefix(":")
    files = [f"usr/share/zoneinfo/{zone}"] if zone else []
    real = old.paths.resolve("etc/localtime") or ""
    # Where nothing is said, it is UTC.
    localtime = [] if _UTC_ZONE.search(real) else ["etc/localtime"]
    for path in (*files, *localtime):
        if old.paths.is_file(path) and not new.paths.is_file(path):
            yield Regression(RegressionKind.FILE, path, f"The new image has no /{path}.", path=path)


def _may_read_zones(pair: ImagePair) -> bool:
    """Return False if all programs of the application are of Go and ask for no zone by its name.

    `TZ` is the only other way, and a stage without zones says that it has no effect.
    """
    new = pair.new
    started = list_started_programs(pair, new, new.config.command_line)
    # A shell that starts such a program reads none either.
    has_program = any(posixpath.basename(program.name) not in POSIX_SHELLS for program in started)
    shells = {new.find_program(name) for name in POSIX_SHELLS}
    programs = [new.files.read(path) for path in list_elf_files(pair) if path not in shells]
    is_known = bool(programs) and all(reads_zone_of_tz_only(data or b"") for data in programs)
    return "TZ" in pair.old.config.env or not has_program or not is_known


def _check_zones_of_go(pair: ImagePair) -> Iterator[Regression]:
    """Check the time zones that come with Go, where no image has the system's.

    Images on Alpine have none. A program asks its GOROOT last (time/zoneinfo_goroot.go).
    """
    old, new = pair.old, pair.new
    archives = [path for path in old.image.tree if path.endswith(_ZONES_OF_GO)]
    if not archives or new.paths.is_directory("usr/share/zoneinfo"):
        return
    for path in list_elf_files(pair):
        content = new.files.read(path) or b""
        if _ZONE_FUNCTION.search(content) and not _EMBEDDED_ZONES.search(content):
            message = f"/{path} loads time zones, which only /{archives[0]} of the old image has."
            yield Regression(RegressionKind.PACKAGE, "tzdata", message, detail=path)
            return


def _check_locales(pair: ImagePair) -> Iterator[Regression]:
    """Check generated locales, and the locale that is set."""
    old, new = pair.old, pair.new
    archive = "usr/lib/locale/locale-archive"
    if old.paths.is_file(archive) and not new.paths.is_file(archive):
        yield Regression(
            RegressionKind.FILE, archive, "The generated locales are lost.", path=archive
        )
    settings = [old.config.env.get(name, "") for name in ("LC_ALL", "LANG", "LC_CTYPE")]
    for name in sorted({x for x in settings if x not in {"", "C", "POSIX"}}):
        # The folder of C.UTF-8 has two spellings: glibc 2.35 and later installs C.utf8.
        folders = [f"{_LOCALES_PATH}/{x}" for x in (name, _normalize_locale(name), *_C_LOCALES)]
        old_folder = next((x for x in folders if old.paths.is_directory(x)), None)
        is_kept = any(new.paths.is_directory(x) for x in folders)
        if old_folder and not is_kept and _has_glibc(new):
            message = f"The locale {name} is set and the new image does not have it."
            yield Regression(RegressionKind.FOLDER, old_folder, message, path=old_folder)


def _normalize_locale(name: str) -> str:
    language, _, charset = name.partition(".")
    return f"{language}.{charset.lower().replace('-', '')}"


def _has_glibc(open_image: OpenImage) -> bool:
    """Return True if the image has glibc, which reads locales and databases; musl does not."""
    return any("libc.so.6" in path for path in open_image.image.tree)


def _check_runtime_user(pair: ImagePair) -> Iterator[Regression]:
    """Check that UID, GID and home directory of the runtime user are unchanged."""
    old, new = pair.old, pair.new
    if old.runtime_user is None:
        return
    if new.runtime_user is None:
        message = f"USER {new.config.user} does not exist in the new image."
        yield Regression(RegressionKind.USER, new.config.user, message)
        return
    yield from _compare_users(pair, old.runtime_user, new.runtime_user)
    home = old.runtime_user.home.strip("/")
    if home and old.paths.is_directory(home) and not new.paths.is_directory(home):
        message = f"The home directory /{home} is lost."
        yield Regression(RegressionKind.FOLDER, home, message, path=home)
    yield from _check_named_users(pair)


def _compare_users(pair: ImagePair, old_user: User, new_user: User) -> Iterator[Regression]:
    """Yield the first difference between the runtime users."""
    numbers = f"{old_user.uid}:{old_user.gid}"
    if (old_user.uid, old_user.gid) != (new_user.uid, new_user.gid):
        message = (
            f"It runs as {new_user.uid}:{new_user.gid} ({new_user.name}) where it ran as"
            f" {numbers} ({old_user.name})."
        )
        yield Regression(RegressionKind.USER, old_user.name, message, detail=numbers)
    elif old_user.name in pair.old.users and new_user.name not in pair.new.users:
        message = f"/etc/passwd of the new image has no user with the ID {new_user.uid}."
        yield Regression(RegressionKind.USER, old_user.name, message, detail=numbers)
    elif old_user.home != new_user.home and old_user.name in pair.old.users:
        message = f"The home of {new_user.name} is {new_user.home} where it was {old_user.home}."
        yield Regression(RegressionKind.USER, old_user.name, message, detail=old_user.home)


def _check_named_users(pair: ImagePair) -> Iterator[Regression]:
    """Check the users that the command line or its scripts name: `su-exec app`, `chown app`."""
    old, new = pair.old, pair.new
    # `chown app:app` and `--user=app` name a user, too.
    words = set(" ".join(_read_startup_texts(pair)).replace(":", " ").replace("=", " ").split())
    for name in sorted(old.users.keys() & words - {"root"}):
        if name not in new.users:
            message = f"The command names the user {name}, which the new image does not have."
            user = old.users[name]
            yield Regression(RegressionKind.USER, name, message, detail=f"{user.uid}:{user.gid}")


def _read_startup_texts(pair: ImagePair) -> Iterator[str]:
    """Yield the words of the command line, and the texts of the scripts that it starts."""
    new = pair.new
    yield from new.config.command_line
    for start in list_started_programs(pair, new, new.config.command_line):
        path = new.find_program(start.name)
        entry = new.paths.find_entry(path) if path else None
        if path and entry and entry.size < 100_000 and new.is_added_by_dockerfile(path):
            text = new.read_text(path)
            if text.startswith("#!"):
                yield text


def _check_healthcheck_programs(pair: ImagePair) -> Iterator[Regression]:
    """Check that the programs of the health check are there."""
    old, new = pair.old, pair.new
    health_check = new.config.health_check
    if health_check is None:
        return
    arguments = health_check.test[1:]
    if health_check.test[0] == "CMD-SHELL":
        arguments = (*(new.config.shell or ("/bin/sh", "-c")), *arguments)
    for start in dict.fromkeys(
        (*list_started_programs(pair, old, arguments), *list_started_programs(pair, new, arguments))
    ):
        old_path = find_lost_program(pair, start.name)
        if old_path:
            message = f"The health check runs {start.name}, which the new image does not have."
            yield Regression(RegressionKind.PROGRAM, start.name, message, path=old_path)


def _check_tmp_and_databases(pair: ImagePair) -> Iterator[Regression]:
    """Check `/tmp`, and small databases and fonts that the sources use."""
    old, new = pair.old, pair.new
    if old.paths.is_directory("tmp") and not new.paths.is_directory("tmp"):
        yield Regression(RegressionKind.FOLDER, "tmp", "The new image has no /tmp.", path="tmp")
    code = "\n".join(pair.old_app.sources.values())
    for path in _list_used_databases(pair, code):
        if old.paths.is_file(path) and not new.paths.is_file(path):
            yield Regression(RegressionKind.FILE, path, f"The new image has no /{path}.", path=path)
    fonts = "usr/share/fonts"
    is_lost = old.paths.is_directory(fonts) and not new.paths.is_directory(fonts)
    if is_lost and _FONT_USE.search(code):
        yield Regression(RegressionKind.FOLDER, fonts, "The new image has no fonts.", path=fonts)


def _list_used_databases(pair: ImagePair, code: str) -> Iterator[str]:
    """Yield the databases of the system that programs of the new image may read."""
    if _has_glibc(pair.new):
        yield "etc/nsswitch.conf"
        lost_databases = [x for x in _NETWORK_DATABASES if not pair.new.paths.is_file(x)]
        is_used = bool(lost_databases) and _may_look_up_services(pair)
        yield from (x for x in lost_databases if is_used or _NETWORK_DATABASES[x].search(code))
    if _MIME_USE.search(code):
        yield "etc/mime.types"
    # mime/type_unix.go reads it first.
    if _GO_MIME_USE.search(code):
        yield "usr/share/mime/globs2"


def _may_look_up_services(pair: ImagePair) -> bool:
    """Return True if an interpreter that asks glibc for services by name is started.

    Any library may call `getaddrinfo(host, "https")` there. Of compiled programs, those count that
    name the functions; Node and Java have their own tables.
    """
    started = list_started_programs(pair, pair.new, pair.new.config.command_line)
    if any(_GLIBC_INTERPRETER.fullmatch(posixpath.basename(x.name)) for x in started):
        return True
    own_paths = filter(pair.new.is_added_by_dockerfile, list_elf_files(pair))
    contents = (pair.new.files.read(path) or b"" for path in own_paths)
    return any(_SERVICE_FUNCTION.search(content) for content in contents)
