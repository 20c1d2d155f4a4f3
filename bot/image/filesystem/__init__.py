"""The file system of a container: layers united, whiteouts applied, owners of files."""
