"""Package databases found in layers: dpkg, apk, rpm and those of the languages."""
