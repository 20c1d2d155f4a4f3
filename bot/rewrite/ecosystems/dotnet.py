""".NET: what `dotnet publish` wrote, on a runtime without SDK."""

import posixpath
import re
from collections.abc import Iterator

from bot.image.archives.reference import split_reference
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.startup import Startup

_PROJECT_SUFFIXES = (".csproj", ".fsproj", ".vbproj")


def _applies(facts: BuildFacts, startup: Startup) -> bool:
    return any(True for _ in _find_assemblies(facts, startup))


def _find_assemblies(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """The assemblies that `dotnet X.dll` runs."""
    for command in startup.commands:
        if posixpath.basename(command[0]) == "dotnet":
            for word in command[1:2]:
                if word.endswith(".dll"):
                    yield posixpath.normpath(posixpath.join("/", facts.workdir, word))


def _list_required_paths(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    yield from (posixpath.dirname(path) for path in _find_assemblies(facts, startup))


def _list_excluded_paths(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """What the compiler writes beside each project's file."""
    for path in facts.built.own_files:
        if path.endswith(_PROJECT_SUFFIXES):
            folder = posixpath.dirname(f"/{path}").rstrip("/")
            yield from (f"{folder}/obj", f"{folder}/bin")


def _list_base_images(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """ASP.NET's runtime where the assembly asks for it, the plain one otherwise; the same tag."""
    found = split_reference(facts.rule_input.base_image or "")
    settings = [path.removesuffix(".dll") for path in _find_assemblies(facts, startup)]
    web = any(
        "AspNetCore" in facts.built.read_text(f"{x[1:]}.runtimeconfig.json") for x in settings
    )
    kind = "aspnet" if web else "runtime"
    prefix = found.prefix or "mcr.microsoft.com/dotnet/"
    yield f"{prefix}{kind}:{found.tag}"
    yield f"{prefix}aspnet:{found.tag}"


ECOSYSTEM = Ecosystem(
    name="dotnet",
    title=".NET",
    applies=_applies,
    toolchain_programs=("dotnet",),
    residue_paths=("~/.nuget", "~/.dotnet", "~/.local/share/NuGet", "/usr/share/dotnet/sdk"),
    source_pattern=re.compile(
        r"\.(?:cs|fs|vb|csproj|fsproj|vbproj|sln|slnx)$|(?:^|/)nuget\.config$"
    ),
    accepted_changes={
        f"ENV {name}": "only the SDK reads it"
        for name in (
            "DOTNET_SDK_VERSION",
            "NUGET_XMLDOC_MODE",
            "DOTNET_USE_POLLING_FILE_WATCHER",
            "DOTNET_GENERATE_ASPNET_CERTIFICATE",
            "DOTNET_NOLOGO",
            "POWERSHELL_DISTRIBUTION_CHANNEL",
        )
    },
    required_paths=_list_required_paths,
    excluded_paths=_list_excluded_paths,
    base_images=_list_base_images,
)
