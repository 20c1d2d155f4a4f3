"""Files in a folder that `next build` names after an ID, which it draws for each build."""

import re

from bot.verify.image_pair import ImagePair

# `.next/static/TmhrBJ7o7whFquFOliGnG/_buildManifest.js`, beside `.next/BUILD_ID`
_PATH = re.compile(r"(?P<output>.+)/static/(?P<id>[^/]+)/(?P<name>.+)")


def is_renamed_by_build_id(pair: ImagePair, path: str) -> bool:
    """Return True for a file of the old image that the new one has under its own build ID."""
    match = _PATH.fullmatch(path)
    id_path = f"{match['output']}/BUILD_ID" if match else ""
    # Each read is a request to the engine, and many projects have folders called static.
    if not match or id_path not in pair.old.image.tree:
        return False
    old_id, new_id = (image.read_text(id_path).strip() for image in (pair.old, pair.new))
    new_path = f"{match['output']}/static/{new_id}/{match['name']}"
    return match["id"] == old_id and bool(new_id) and new_path in pair.new.image.tree
