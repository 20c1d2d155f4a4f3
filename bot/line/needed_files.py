"""The files that builds of a revision can read: nothing else of it needs to be checked out.

Whatever is in doubt is needed: then the whole revision is checked out.
"""

from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from pathlib import PurePosixPath

from bot.line.committed_links import read_link
from bot.line.dockerfiles import Dockerfiles
from bot.line.ports import Git
from bot.line.revision_chains import list_specs
from bot.line.setting_sources import list_setting_paths
from bot.project.file_tree import FileTree, select_below
from bot.project.image_chains import ChainedImage
from bot.project.image_plan import is_out_of_tree, list_context_folders
from bot.project.link_targets import UnclearLinkError, add_link_targets


def list_needed_files(
    git: Git, dockerfiles: Dockerfiles, sha: str, images: Iterable[ChainedImage | None]
) -> Collection[str] | None:
    """Return the files of a commit that builds of images can read; None if it may be any.

    These are the files of all contexts, those beside the Dockerfiles, which suggestions are made
    of, those with settings to start an image with, and what links among them lead to. A None among
    the images stands for no build.
    """
    tree = git.list_files(sha)
    contexts, dockerfile_folders = set[str](), set[str]()
    for spec in chain.from_iterable(map(list_specs, filter(None, images))):
        # Commands, and other frontends than Docker's, may read anything.
        if spec.needs.preparation or not dockerfiles.has_known_frontend(sha, spec):
            return None
        contexts.update((spec.context, *list_context_folders(spec)))
        dockerfile_folders.add(str(PurePosixPath(spec.dockerfile).parent))
        if is_out_of_tree(spec, tree) or not all(map(_is_plain_folder, contexts)):
            return None
    paths = {path for folder in contexts for path in select_below(tree.paths, folder)}
    # Not what is below: in a large repository the root has a Dockerfile as well.
    paths.update(path for folder in dockerfile_folders for path in _select_in(tree, folder))
    # What a verification may start the images with.
    setting_paths = list_setting_paths(contexts | dockerfile_folders)
    paths.update(path for path in setting_paths if path in tree)
    try:
        return add_link_targets(tree, paths, lambda path: _read_link(git, sha, path))
    except UnclearLinkError:
        return None


def _is_plain_folder(path: str) -> bool:
    """Return True for a folder below the repository's own that has no other name."""
    posix = PurePosixPath(path)
    is_outside = posix.is_absolute() or ".." in posix.parts
    return path != "." and path == str(posix) and not is_outside


def _select_in(tree: FileTree, folder: str) -> Iterator[str]:
    """Yield the files that are right in a folder."""
    start = 0 if folder == "." else len(folder) + 1
    return (path for path in select_below(tree.paths, folder) if "/" not in path[start:])


def _read_link(git: Git, sha: str, path: str) -> str:
    target = read_link(git, sha, path)
    if target is None:
        raise UnclearLinkError(path)
    return target
