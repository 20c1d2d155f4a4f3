""".NET: what `dotnet publish` wrote, on a runtime without SDK."""

import posixpath
import re
from collections.abc import Iterator

from bot.advise.base_images import read_reference
from bot.rewrite.build_facts import World
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.startup import Launch

_PROJECTS = (".csproj", ".fsproj", ".vbproj")


def _applies(world: World, launch: Launch) -> bool:
    return any(True for _ in _assemblies(world, launch))


def _assemblies(world: World, launch: Launch) -> Iterator[str]:
    """The assemblies that `dotnet X.dll` runs."""
    for command in launch.commands:
        if posixpath.basename(command[0]) == "dotnet":
            for word in command[1:2]:
                if word.endswith(".dll"):
                    yield posixpath.normpath(posixpath.join("/", world.workdir, word))


def _keeps(world: World, launch: Launch) -> Iterator[str]:
    yield from (posixpath.dirname(path) for path in _assemblies(world, launch))


def _drops(world: World, launch: Launch) -> Iterator[str]:
    """What the compiler writes beside each project's file."""
    for path in world.own:
        if path.endswith(_PROJECTS):
            folder = posixpath.dirname(f"/{path}").rstrip("/")
            yield from (f"{folder}/obj", f"{folder}/bin")


def _bases(world: World, launch: Launch) -> Iterator[str]:
    """ASP.NET's runtime where the assembly asks for it, the plain one otherwise; the same tag."""
    found = read_reference(world.subject.base or "")
    settings = [path.removesuffix(".dll") for path in _assemblies(world, launch)]
    web = any("AspNetCore" in world.text(f"{x[1:]}.runtimeconfig.json") for x in settings)
    kind = "aspnet" if web else "runtime"
    prefix = found.prefix or "mcr.microsoft.com/dotnet/"
    yield f"{prefix}{kind}:{found.tag}"
    yield f"{prefix}aspnet:{found.tag}"


ECOSYSTEM = Ecosystem(
    name="dotnet",
    title=".NET",
    applies=_applies,
    tools=("dotnet",),
    residue=("~/.nuget", "~/.dotnet", "~/.local/share/NuGet", "/usr/share/dotnet/sdk"),
    sources=re.compile(r"\.(?:cs|fs|vb|csproj|fsproj|vbproj|sln|slnx)$|(?:^|/)nuget\.config$"),
    explained={
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
    keeps=_keeps,
    drops=_drops,
    bases=_bases,
)
