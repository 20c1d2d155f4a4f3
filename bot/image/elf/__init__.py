"""ELF files and the libraries that the dynamic linker loads for them."""
