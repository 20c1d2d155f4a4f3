"""References to an image of the report as JSON."""

from bot.model.image_identity import BaseUse, ImageIdentity
from bot.report.document.json_types import Document, JsonObject


def write_identity(identity: ImageIdentity) -> Document:
    """Write what other parts of a report call an image."""
    return {
        "name": identity.name,
        "dockerfile": identity.dockerfile,
        "platform": identity.platform,
    }


def read_identity(data: JsonObject) -> ImageIdentity:
    """Read what other parts of a report call an image."""
    return ImageIdentity(data["name"], data["dockerfile"], data["platform"])


def write_base_use(use: BaseUse) -> Document:
    """Write an image that another one is built on."""
    return {
        **write_identity(use.image),
        "reference": use.reference,
        "is_from": use.is_from,
    }


def read_base_use(data: JsonObject) -> BaseUse:
    """Read an image that another one is built on."""
    return BaseUse(read_identity(data), data["reference"], data["is_from"])
