"""The builds that compose and bake files declare, with paths of the repository."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.model.named_contexts import ContextKind, classify_context
from bot.model.spec import ContextSource, ImageSpec
from bot.project.bake_document import BakeTarget
from bot.project.build_needs import check_context_folder, validate_context_name
from bot.project.compose_file import BuildFileMistake, resolve_path
from bot.project.git_tree import GitTree
from bot.project.image_plan import is_behind_symlink
from bot.project.option_values import validate_argument, validate_path, validate_platform

_WORKING_DIRECTORY = "cwd://"
# Returns the names by which `target` means the last stage of a Dockerfile.
LastStageNames = Callable[[str], Collection[str]]


@dataclass(frozen=True, slots=True)
class BuildFile:
    """Compose or bake files that are read together; paths are relative to one of the `folders`."""

    paths: tuple[str, ...]
    source: ContextSource
    folders: tuple[str, ...]

    @property
    def path(self) -> str:
        """The paths, for people."""
        return ", ".join(self.paths)


@dataclass(frozen=True, slots=True)
class SkippedBuild:
    """A build of a file that is not reviewed, and why."""

    name: str
    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class DeclaredBuild:
    """A build of a file; the name of `spec` is that of the target, until the image has one."""

    file: BuildFile
    spec: ImageSpec
    platforms: tuple[str, ...] = ()
    machine_options: tuple[str, ...] = ()

    @property
    def stage(self) -> tuple[str, str | None]:
        """The stage that is built: a Dockerfile and a target, None for the last one."""
        return self.spec.dockerfile, self.spec.target


@dataclass(frozen=True, slots=True)
class FileBuilds:
    """The builds of a file, those of them that are not reviewed, and the files that were read."""

    builds: tuple[DeclaredBuild, ...] = ()
    skipped: tuple[SkippedBuild, ...] = ()
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _RevisionFiles:
    """The files of a revision, and the last stages of its Dockerfiles."""

    tree: GitTree
    last_stage_names: LastStageNames = field(repr=False)


def locate_builds(
    file: BuildFile, targets: Sequence[BakeTarget], tree: GitTree, last_stages: LastStageNames
) -> FileBuilds:
    """Return the builds of a file by the files of its revision."""
    builds, skipped = [], []
    for target in targets:
        try:
            builds.append(_locate(file, target, _RevisionFiles(tree, last_stages)))
        except BuildFileMistake as mistake:
            skipped.append(SkippedBuild(target.name, file.path, str(mistake)))
    return FileBuilds(tuple(builds), tuple(skipped))


def add_machine_options(builds: FileBuilds, options: Mapping[str, Sequence[str]]) -> FileBuilds:
    """Return builds with further options that only the caller or the base may give them."""
    added = (
        replace(
            build,
            machine_options=tuple(
                dict.fromkeys((*build.machine_options, *options.get(build.spec.name, ())))
            ),
        )
        for build in builds.builds
    )
    return replace(builds, builds=tuple(added))


def _locate(file: BuildFile, target: BakeTarget, files: _RevisionFiles) -> DeclaredBuild:
    """Return a build with paths of the repository; raise BuildFileMistake if it has none."""
    if target.is_inline:
        raise BuildFileMistake("its Dockerfile is in the file itself, which is not supported")
    _check_texts(target)
    folder, context, dockerfile = _find_dockerfile(file, target, files)
    stage = target.target
    if stage is not None and stage.lower() in files.last_stage_names(dockerfile):
        stage = None
    spec = ImageSpec(
        name=target.name,
        dockerfile=dockerfile,
        context=context,
        target=stage,
        build_args=dict(target.args),
        provides=target.tags,
        build_contexts={
            name: _resolve_context(name, value, folder) for name, value in target.contexts.items()
        },
        context_source=file.source,
    )
    try:
        platforms = tuple(dict.fromkeys(map(validate_platform, target.platforms)))
    except ValueError as problem:
        raise BuildFileMistake(str(problem)) from problem
    return DeclaredBuild(file, spec, platforms, target.machine_options)


def _find_dockerfile(
    file: BuildFile, target: BakeTarget, files: _RevisionFiles
) -> tuple[str, str, str]:
    """Return the folder that paths are relative to, the context and the Dockerfile."""
    context = target.context.removeprefix(_WORKING_DIRECTORY)
    if not _is_folder(context):
        raise BuildFileMistake(f"its context {context!r} is not a folder of the repository")
    missing = ""
    for folder in file.folders:
        path = resolve_path(folder, context)
        if path is None:
            raise BuildFileMistake(f"its context {context!r} is outside of the repository")
        dockerfile = _resolve_dockerfile(target.dockerfile, folder, path)
        spec = ImageSpec("", dockerfile, path)
        if dockerfile in files.tree or is_behind_symlink(spec, files.tree):
            return folder, path, dockerfile
        missing = missing or dockerfile
    raise BuildFileMistake(f"its Dockerfile {missing!r} is not in the revision")


def _resolve_dockerfile(dockerfile: str, folder: str, context: str) -> str:
    """Return the path of a Dockerfile, which is relative to the context."""
    own = dockerfile.removeprefix(_WORKING_DIRECTORY)
    path = resolve_path(folder if own != dockerfile else context, own)
    if path is None or not _is_folder(own):
        raise BuildFileMistake(f"its Dockerfile {dockerfile!r} is outside of the repository")
    return path


def _check_texts(target: BakeTarget) -> None:
    """Raise BuildFileMistake for texts that are no paths, and that no program can be given."""
    texts = {
        "name": target.name,
        "context": target.context,
        "Dockerfile": target.dockerfile,
        "target": target.target or "",
        **{f"tag {tag[:50]!r}": tag for tag in target.tags},
        **{f"argument {name[:50]!r}": f"{name}={value}" for name, value in target.args.items()},
        **{f"named context {name[:50]!r}": value for name, value in target.contexts.items()},
    }
    for text_name, text in texts.items():
        try:
            validate_argument(text)
        except ValueError as problem:
            raise BuildFileMistake(f"its {text_name} cannot be used: {problem}") from problem


def _is_folder(value: str) -> bool:
    """Return False for an address, and for all that could be taken for one."""
    try:
        return classify_context(value) is ContextKind.FOLDER
    except ValueError:
        return False


def _resolve_context(name: str, value: str, folder: str) -> str:
    """Return a named context as the model has it; raise BuildFileMistake for what it has not."""
    path = value.removeprefix(_WORKING_DIRECTORY)
    try:
        validate_context_name(name)
        if classify_context(path) is not ContextKind.FOLDER:
            return path
        resolved = resolve_path(folder, path)
        if resolved is not None:
            return check_context_folder(validate_path(resolved))
    except ValueError as problem:
        raise BuildFileMistake(f"its named context {name[:100]!r}: {problem}") from problem
    raise BuildFileMistake(f"its named context {value[:100]!r} is outside of the repository")
