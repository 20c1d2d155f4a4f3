"""Docker Engine and BuildKit: builds, images, containers and the files in both stores."""
