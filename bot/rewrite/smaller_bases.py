"""Second offers: base images for the last stage that are smaller than the distribution's own.

They have no shell or serve in another way, so nothing is replaced: the message of the rewrite says
what each would give. The bytes are estimated from what the projects publish about their images.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.dockerfile.shell_programs import POSIX_SHELLS
from bot.image.archives.reference import split_reference
from bot.image.elf.program_traits import can_start_programs
from bot.model.sizes import format_size
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.direct_start import find_direct_command
from bot.rewrite.ecosystems.elf_programs import find_started_programs
from bot.rewrite.nginx_stage import NGINX, SERVED, find_nginx_stage
from bot.rewrite.plan import RetryHints, RewritePlan
from bot.rewrite.startup import Startup

SECOND_OFFER = " A second offer, "
NO_SHELL = "it has no shell, so `docker exec` and scripts end there"
# https://hub.docker.com/_/alpine: the newest release of the third series
ALPINE = "alpine:3"
BUSYBOX = "it has Alpine's programs, which are those of BusyBox"
MAX_SHARE = 0.8  # of the image that the rewrite makes, above which the offer is not worth a line
COMPILED = ("go", "rust", "c")
# https://github.com/GoogleContainerTools/distroless/blob/main/README.md: "around 2 MiB"; the others
# as `docker images` shows them for Debian 12. base has glibc, cc the libraries of gcc and g++, too.
_STATIC = ("gcr.io/distroless/static-debian12", 2_000_000)
_GLIBC = ("gcr.io/distroless/base-debian12", 21_000_000)
_CXX = ("gcr.io/distroless/cc-debian12", 24_000_000)
_STATIC_PACKAGES = frozenset({"ca-certificates", "tzdata", "netbase"})
_GLIBC_PACKAGES = frozenset({"libc6", "libssl3"})
_CXX_PACKAGES = frozenset({"libgcc-s1", "libstdc++6", "libgomp1"})
# https://hub.docker.com/_/nginx, the tag alpine
_NGINX_BYTES = 50_000_000
_OTHER_PORT = "it serves on port 80, and a fallback to index.html needs `try_files`"


@dataclass(frozen=True, slots=True)
class _SmallerBase:
    """An image that the last stage could start from, and what is different on it.

    `copied_bytes` are those of the last stage, None if it copies what the rewrite does.
    """

    name: str
    unpacked_bytes: int
    difference: str
    copied_bytes: int | None = None


def describe_smaller_base(
    facts: BuildFacts, startup: Startup, plan: RewritePlan, base_bytes: int | None
) -> str:
    """Return a sentence on a smaller base with its bytes, estimated; empty if there is none.

    `base_bytes` is the size of the rewrite's own base, None where it is not known.
    """
    copied = plan.copy_plan.copied_bytes
    for base in _list_smaller_bases(facts, startup, plan):
        total = base.unpacked_bytes + (copied if base.copied_bytes is None else base.copied_bytes)
        if base_bytes is not None and total <= MAX_SHARE * (base_bytes + copied):
            return (
                f"{SECOND_OFFER}estimated and not built: on {base.name} it would have about"
                f" {format_size(total)}; {base.difference}."
            )
    return ""


def _list_smaller_bases(
    facts: BuildFacts, startup: Startup, plan: RewritePlan
) -> Iterator[_SmallerBase]:
    if plan.ecosystem.name in SERVED:
        stage = find_nginx_stage(facts, startup, plan, RetryHints())
        is_front_end = plan.ecosystem.name == "frontend"
        if stage:
            yield _SmallerBase(NGINX, _NGINX_BYTES, stage.difference, stage.served_bytes)
        elif is_front_end and split_reference(plan.base_image).name == "node":
            yield _SmallerBase(NGINX, _NGINX_BYTES, _OTHER_PORT)
    elif plan.ecosystem.name in COMPILED and _needs_no_system(facts, startup, plan):
        base = choose_distroless(facts, startup, plan)
        if base:
            yield _SmallerBase(*base, NO_SHELL)


def _needs_no_system(facts: BuildFacts, startup: Startup, plan: RewritePlan) -> bool:
    """Return True if only programs start, and neither users nor a health check need more."""
    names = (*startup.program_names, *find_direct_command(facts)[:1])
    contents = map(facts.built.files.read, find_started_programs(facts, startup))
    if any(can_start_programs(data or b"") for data in contents):
        return False
    is_exec_form = not any(name.rpartition("/")[2] in POSIX_SHELLS for name in names)
    has_setup = bool(startup.scripts or plan.users or plan.groups or plan.folders)
    return is_exec_form and not has_setup and facts.built.config.health_check is None


def is_static(facts: BuildFacts, startup: Startup) -> bool:
    """Return True if the started programs are the Dockerfile's own and load nothing."""
    programs = _find_programs(facts, startup)
    return bool(programs) and _load_nothing(facts, programs, _find_libraries(facts, programs))


def _load_nothing(facts: BuildFacts, programs: list[str], libraries: frozenset[str] | None) -> bool:
    elf_files = (facts.built.read_elf(path) for path in programs)
    return libraries == frozenset() and not any(elf and elf.interpreter for elf in elf_files)


def _find_programs(facts: BuildFacts, startup: Startup) -> list[str]:
    """Return the started programs; none if one of them is not the Dockerfile's own."""
    programs = list(find_started_programs(facts, startup))
    # A started program that is not the Dockerfile's own is one of the distribution: a script, env.
    return programs if len(programs) == len(startup.commands) else []


def _find_libraries(facts: BuildFacts, programs: list[str]) -> frozenset[str] | None:
    """Return the libraries that programs load; None if one is not found."""
    linked = [facts.built.linker.resolve_libraries(path) for path in programs]
    if any(loaded.errors for loaded in linked):
        return None
    return frozenset(library for loaded in linked for library in loaded.libraries.values())


def choose_distroless(
    facts: BuildFacts, startup: Startup, plan: RewritePlan
) -> tuple[str, int] | None:
    """Return the image with all that the started programs load; None if there is none."""
    programs = _find_programs(facts, startup)
    libraries = _find_libraries(facts, programs)
    if not programs or libraries is None:
        return None
    installed = frozenset(plan.package_install.names)
    if _load_nothing(facts, programs, libraries) and installed <= _STATIC_PACKAGES:
        return _STATIC
    owners = {facts.package_graph.find_owner(path) or path for path in libraries} | installed
    needed = owners - _STATIC_PACKAGES - _GLIBC_PACKAGES
    # A program that was linked with the glibc of another release may need a newer one than
    # distroless has.
    if facts.built.os_release.codename != "bookworm" or not needed <= _CXX_PACKAGES:
        return None
    return _CXX if needed else _GLIBC
