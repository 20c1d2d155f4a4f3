require "mkmf"

have_library("yaml", "yaml_get_version_string") || abort("libyaml is missing")
create_makefile("slugged/slugged")
