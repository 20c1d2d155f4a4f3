"""Images that are built on each other: the images of a revision that are bases of others.

What an image provides is declared. A Dockerfile that has the name of a base image in its path may
build it, which nobody knows: such a guess is marked as one.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import PurePosixPath

from bot.model.named_contexts import TARGET_PREFIX, find_context_image
from bot.model.spec import ImageSpec

_MAX_LENGTH = 20  # of a chain
# As in distribution/reference: `index.docker.io` is the older name of `docker.io`, where
# `library/` is the namespace of names without one.
_DEFAULT_REGISTRY = re.compile(r"(?:index\.)?docker\.io/(?:library/)?|library/")
# The tag of distribution/reference; a port has a slash behind it.
_TAG = re.compile(r":[\w][\w.-]{0,127}\Z")
# `Dockerfile.api` and `api.Dockerfile` build an image that may be called `api`.
_DOCKERFILE_NAME = re.compile(
    r"(?:dockerfile|containerfile)\.(.+)|(.+)\.(?:dockerfile|containerfile)"
)
_Identity = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class ImageUse:
    """An image from outside that a Dockerfile takes: its name, variables filled in.

    `platform` is the one that its `FROM` fixes. It `is_base` if the image starts with its layers.
    """

    name: str
    platform: str | None = None
    is_base: bool = False


@dataclass(frozen=True, slots=True)
class BaseLink:
    """An image that another one is built on, and the name under which that takes it."""

    name: str
    image: "ChainedImage"
    is_base: bool = False
    is_guess: bool = False


@dataclass(frozen=True, slots=True)
class ChainedImage:
    """An image with those of its revision that it is built on; `problem` says why it cannot be."""

    spec: ImageSpec
    links: tuple[BaseLink, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ProviderChange:
    """A name that another build provides than in base; None for what is published."""

    name: str
    before: ImageSpec | None
    after: ImageSpec | None

    @property
    def key(self) -> _Identity:
        """The texts that tell the change from others."""
        return (self.name, *(spec and identify(spec) for spec in (self.before, self.after)))


class ImageChains:
    """Finds what the images of one revision are built on.

    `candidates` are images that may provide what nobody declares; `missing` are the names that
    neither engine nor registry has, for which a candidate is taken. Images that are `excluded` from
    the review provide what no other image does.
    """

    def __init__(
        self,
        specs: Sequence[ImageSpec],
        list_uses: Callable[[ImageSpec], Sequence[ImageUse]],
        candidates: Sequence[ImageSpec] = (),
        missing: Collection[str] = (),
        excluded: Sequence[ImageSpec] = (),
    ) -> None:
        self._list_uses, self._missing = list_uses, missing
        self._dockerfiles = {spec.dockerfile for spec in specs}
        self._candidates: dict[str, list[ImageSpec]] = {}
        for spec in candidates:
            for name in _list_likely_names(spec):
                self._candidates.setdefault(name, []).append(spec)
        self._providers: dict[str, dict[_Identity, ImageSpec]] = {}
        for group in (specs, excluded):
            # What a reviewed image provides is not looked for among those that are left out.
            provided = frozenset(self._providers)
            for spec in group:
                for name in _list_provided_names(spec) - provided:
                    self._providers.setdefault(name, {}).setdefault(identify(spec), spec)
        self._chains: dict[tuple[object, ...], ChainedImage] = {}

    def find_chain(self, spec: ImageSpec) -> ChainedImage:
        """Return an image with all that it is built on."""
        return self._chain(spec, ())

    def find_provider(self, name: str) -> ImageSpec | None:
        """Return the image that is declared to provide a name; None if it is not exactly one."""
        providers = self._providers.get(normalize_name(name), {})
        return next(iter(providers.values())) if len(providers) == 1 else None

    def list_open_uses(self, spec: ImageSpec) -> Mapping[str, tuple[ImageSpec, ...]]:
        """Return the names that nobody provides, each with the images that may be meant by it."""
        contexts = set(map(normalize_name, spec.build_contexts))
        uses = self._list_uses(spec)
        names = [use.name for use in uses if normalize_name(use.name) not in contexts]
        open_uses = {name: self._find_candidates(name, spec) for name in names}
        return {name: candidates for name, candidates in open_uses.items() if candidates}

    def list_taken_names(self, spec: ImageSpec) -> AbstractSet[str]:
        """Return the names of all that an image takes from outside, in Docker's full form."""
        return {normalize_name(use.name) for use in self._list_all_uses(spec)}

    def _chain(self, spec: ImageSpec, path: tuple[ImageSpec, ...]) -> ChainedImage:
        # One image may be a base for several platforms, each of which is another build.
        key = (*identify(spec), spec.platform)
        if key not in self._chains:
            identities = [identify(other) for other in path]
            if identify(spec) in identities:
                circle = (*path[identities.index(identify(spec)) :], spec)
                return ChainedImage(spec, problem=_explain_circle(circle))
            if len(path) > _MAX_LENGTH:
                problem = f"more than {_MAX_LENGTH} images are built on each other"
                return ChainedImage(spec, problem=problem)
            self._chains[key] = self._link(spec, (*path, spec))
        chain = self._chains[key]
        return chain if chain.spec is spec else replace(chain, spec=spec)

    def _link(self, spec: ImageSpec, path: tuple[ImageSpec, ...]) -> ChainedImage:
        links: list[BaseLink] = []
        problem = ""
        for use in self._list_all_uses(spec):
            providers = self._find_providers(use.name, spec)
            if len(providers) > 1:
                problem = problem or _explain_choice(use.name, providers)
            elif providers:
                provider = replace(providers[0], platform=use.platform or spec.platform)
                image = self._chain(provider, path)
                problem = problem or image.problem
                is_guess = not self._is_declared(use.name, spec)
                links.append(BaseLink(use.name, image, use.is_base, is_guess=is_guess))
            elif spec.build_contexts.get(use.name, "").startswith(TARGET_PREFIX):
                target = spec.build_contexts[use.name]
                problem = problem or _explain_missing_target(use.name, target)
        return ChainedImage(spec, tuple(links), problem)

    def _list_all_uses(self, spec: ImageSpec) -> Sequence[ImageUse]:
        """Return the images that the Dockerfile names, and those of named contexts."""
        # BuildKit knows contexts by the short form of a reference (dockerui/config.go), so that the
        # context `nginx` also stands for `docker.io/library/nginx:latest`.
        contexts = {normalize_name(name): name for name in spec.build_contexts}
        uses = [
            replace(use, name=contexts.pop(normalize_name(use.name), use.name))
            for use in self._list_uses(spec)
        ]
        return (*uses, *map(ImageUse, contexts.values()))

    def _find_providers(self, name: str, spec: ImageSpec) -> Sequence[ImageSpec]:
        """Return the images that make what an image takes under a name, without itself.

        `FROM nginx` of an image that provides `nginx` takes the published one.
        """
        provided = get_provided_name(name, spec)
        providers = self._providers.get(provided, {}) if provided else {}
        others = [other for key, other in providers.items() if key != identify(spec)]
        if others or providers or name in spec.build_contexts or name not in self._missing:
            return others
        candidates = self._find_candidates(name, spec)
        return candidates if len(candidates) == 1 else ()

    def _is_declared(self, name: str, spec: ImageSpec) -> bool:
        return get_provided_name(name, spec) in self._providers

    def _find_candidates(self, name: str, spec: ImageSpec) -> tuple[ImageSpec, ...]:
        """Return the images that may be meant by a name, one of each Dockerfile.

        Those that nobody reviews, such as the ones of tests, only if there are no others.
        """
        # A digest means one published image, which no build of the repository can be held to make.
        if "@" in name or self._is_declared(name, spec):
            return ()
        repository = _strip_tag(name)
        likely = (self._candidates.get(x, ()) for x in (repository, *_list_endings(repository)))
        candidates: dict[str, ImageSpec] = {}
        for other in chain.from_iterable(likely):
            # `FROM nginx` in `nginx/Dockerfile` takes the published image, which it does not make.
            if other.dockerfile != spec.dockerfile and not self._takes(other, repository):
                candidates.setdefault(other.dockerfile, other)
        declared = self._dockerfiles.intersection(candidates)
        return tuple(x for path, x in candidates.items() if not declared or path in declared)

    def _takes(self, spec: ImageSpec, repository: str) -> bool:
        """Return True if an image is built on one of that name itself, so that it is another."""
        return any(_strip_tag(use.name) == repository for use in self._list_uses(spec))


def identify(spec: ImageSpec) -> _Identity:
    """Return what distinguishes the build of an image from others, except its platform."""
    settings = (spec.build_args, spec.build_contexts)
    texts = (tuple(sorted(setting.items())) for setting in settings)
    return (spec.dockerfile, spec.context, spec.target, *texts)


def get_provided_name(name: str, spec: ImageSpec) -> str | None:
    """Return the name under which another image provides what `spec` takes as `name`.

    None if a named context of the image is a folder or an address.
    """
    value = spec.build_contexts.get(name)
    if value is None:
        return normalize_name(name)
    image = find_context_image(value)
    if image is not None:
        return normalize_name(image)
    return value if value.startswith(TARGET_PREFIX) else None


def normalize_name(name: str) -> str:
    """Return the reference of an image in Docker's full form, without the default registry."""
    if name.startswith(TARGET_PREFIX):
        return name
    short = _DEFAULT_REGISTRY.sub("", name, count=1) if _DEFAULT_REGISTRY.match(name) else name
    return short if "@" in short or _TAG.search(short) else f"{short}:latest"


def is_namespaced(name: str) -> bool:
    """Return True unless a name is that of an official image of Docker Hub."""
    return "/" in normalize_name(name)


def may_have_name(spec: ImageSpec, name: str) -> bool:
    """Return False for an image with stated names, of which none has another tag in `name`."""
    return not spec.states_names or _strip_tag(name) in map(_strip_tag, spec.provides)


def _list_provided_names(spec: ImageSpec) -> AbstractSet[str]:
    """Return the names of an image as a base image and as a named context.

    A configuration may have renamed it.
    """
    default = f"{spec.dockerfile}:{spec.target}" if spec.target else spec.dockerfile
    contexts = (f"{TARGET_PREFIX}{name}" for name in (spec.name, default))
    return {*map(normalize_name, spec.provides), *contexts}


def _strip_tag(name: str) -> str:
    return _TAG.sub("", normalize_name(name).partition("@")[0])


def _list_likely_names(spec: ImageSpec) -> AbstractSet[str]:
    """Return the names that an image may have: declared ones, their last parts, and its path's."""
    declared = [_strip_tag(name) for name in spec.provides]
    endings = [name.rpartition("/")[2].lower() for name in declared]
    return {*declared, *endings, *_list_labels(spec.dockerfile)}


def _list_labels(dockerfile: str) -> Iterator[str]:
    """Yield the last part of names of images that a Dockerfile may build, by its path."""
    path = PurePosixPath(dockerfile.lower())
    match = _DOCKERFILE_NAME.fullmatch(path.name)
    folders = path.parent.parts
    labels = (*(match.groups() if match else ()), *folders[-1:], "-".join(folders[-2:]))
    yield from {label for label in labels if label}


def _list_endings(repository: str) -> Iterator[str]:
    """Yield the last part of a name, and what follows each `-` in it: `app-base`, `base`."""
    ending = repository.rpartition("/")[2].lower()
    while ending:
        yield ending
        ending = ending.partition("-")[2]


def _explain_missing_target(name: str, value: str) -> str:
    return f"its build context {name} is {value}, which no image of the repository is"


def _explain_circle(images: Sequence[ImageSpec]) -> str:
    names = " → ".join(spec.dockerfile for spec in images)
    return f"its base images are built on each other: {names}"


def _explain_choice(name: str, providers: Sequence[ImageSpec]) -> str:
    names = " and ".join(f"{spec.name} ({spec.dockerfile})" for spec in providers)
    return f"{name} is provided by several images, {names}; let one of them provide it"
