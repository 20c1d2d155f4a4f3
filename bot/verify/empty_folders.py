"""Empty folders that an image lost: most were created to be written to, some by a build."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from bot.dockerfile.shell_programs import INSTALL_SUBCOMMANDS
from bot.image.open_image import OpenImage
from bot.model.proof import Regression, RegressionKind
from bot.verify.app_files import AppFiles, is_system_directory
from bot.verify.build_residue import (
    is_build_residue,
    is_dependency,
    is_development_file,
    is_framework_draft,
    is_jar_input,
    is_tool_path,
)
from bot.verify.image_pair import ImagePair

# `mkdir build && cd build && cmake ..`, `mkdir -p obj`: no program writes there unless it names it.
_BUILD_NAMES = ("build", "obj", "target", "_build")
# Whatever keeps a cache makes its folder again.
_CACHE_FOLDER = re.compile(r"(?:^|/)\.cache/")
_ABSOLUTE_PATH = re.compile(r"(?<![\w.-])(?:/[\w.@+-]+)+")
_PACKAGE_FOLDER = re.compile(r"(?:etc|usr|var)/")
_PACKAGE_MANAGER = re.compile(rf"\b(?:{'|'.join(INSTALL_SUBCOMMANDS)})\b")
# A line of .gitmodules (gitmodules(5)).
_SUBMODULE_PATH = re.compile(r"^\s*path\s*=\s*(\S+)\s*$", re.MULTILINE)


def check_empty_folders(pair: ImagePair) -> Iterator[Regression]:
    """Yield lost folders that hold nothing and that a program may write to."""
    uses = _FolderUses(pair)
    for path in dict.fromkeys(_list_empty_folders(pair)):
        is_lost = pair.old.paths.is_directory(path) and not pair.new.paths.is_directory(path)
        if path and is_lost and _is_own_folder(pair.old_app, path) and uses.may_need(path):
            message = f"The folder /{path} of the old image is not in the new one."
            yield Regression(RegressionKind.FOLDER, path, message, path=path)


def _list_empty_folders(pair: ImagePair) -> Iterator[str]:
    """Yield the empty folders, the volumes, and the working folder if it is the same in both."""
    old, new = pair.old, pair.new
    parents = {path.rpartition("/")[0] for path in (*old.image.tree, *old.image.directories)}
    yield from (path for path in old.image.directories if path not in parents)
    # A changed WORKDIR is the business of the check of settings.
    workdirs = (old.workdir,) if old.workdir == new.workdir else ()
    yield from (folder.strip("/") for folder in (*old.config.volumes, *workdirs))


def _is_own_folder(app: AppFiles, path: str) -> bool:
    """Return True for a folder of the application's, and for one that the Dockerfile creates."""
    is_added = app.image.is_added_by_dockerfile(path) and not is_system_directory(path)
    return app.is_in_app(path) or (is_added and not _comes_with_a_package(app.image, path))


def _comes_with_a_package(open_image: OpenImage, path: str) -> bool:
    """Return True for `/var/lib/git`, which no command that installs packages names."""
    index = open_image.image.layer_by_directory.get(path)
    if index is None or not _PACKAGE_FOLDER.match(path):
        return False
    command = open_image.image.layers[index].created_by
    return bool(_PACKAGE_MANAGER.search(command)) and f"/{path}" not in command


@dataclass(frozen=True)
class _FolderUses:
    """Decides which folders programs may write to, by their names and by what the sources say."""

    pair: ImagePair

    def may_need(self, path: str) -> bool:
        """Return False for a folder in which only tools, builds or dependencies write."""
        # The lists have patterns of files, so that a folder is asked for by a file in it.
        file = f"{path}/x"
        is_residue = (
            bool(_CACHE_FOLDER.search(file))
            or is_tool_path(file)
            or is_build_residue(file)
            or is_development_file(file)
        )
        is_draft = is_framework_draft(file, self.pair.new.image.tree)
        if is_draft or is_jar_input(file) or is_dependency(path):
            return False
        if is_residue:
            return f"/{path}" in self._named_folders
        if f"/{path}" in (self.pair.old.workdir, *self.pair.old.config.volumes):
            return True
        return not _is_submodule(self.pair, path) and not self._is_build_folder(path)

    @cached_property
    def _named_folders(self) -> frozenset[str]:
        """Absolute paths that the application spells out, with their parents: `/tmp/uploads`."""
        paths = {path for text in self._texts for path in _ABSOLUTE_PATH.findall(text)}
        steps = (path.split("/") for path in paths)
        return frozenset(
            "/".join(names[:count]) for names in steps for count in range(2, len(names) + 1)
        )

    @cached_property
    def _texts(self) -> tuple[str, ...]:
        app, env = self.pair.old_app, self.pair.old.config.env
        return (*app.program_sources.values(), *app.data_texts.values(), *env.values())

    def _is_build_folder(self, path: str) -> bool:
        """Return True for a folder with the name of a build's, unless a source names it."""
        name = posixpath.basename(path)
        if name not in _BUILD_NAMES:
            return False
        mention = re.compile(rf"[\"'`/]{name}(?![\w.-])")
        return not any(mention.search(text) for text in self._texts)


def _is_submodule(pair: ImagePair, path: str) -> bool:
    """Return True for the folder of a submodule of git that was not checked out."""
    texts = (pair.old.read_text(x) for x in pair.old.image.tree if x.endswith(".gitmodules"))
    is_known = ".gitmodules" in pair.context.file_sizes
    lists = "\n".join((pair.context.read_text(".gitmodules") if is_known else "", *texts))
    return any(f"/{path}".endswith(f"/{name}") for name in _SUBMODULE_PATH.findall(lists))
