"""One check a file: each compares one aspect of the old and the new image.

- `changed_files`: a file that both have holds the same
- `configuration`: what `docker inspect` shows below `Config`
- `entry_point`: the command, its interpreter and the files that it names
- `executed_programs`: programs that sources and scripts start
- `lost_files`: files that the application may read at run time
- `perl_modules`: modules that Perl scripts load
- `permissions`: owner and mode, for the user that runs
- `shared_libraries`: what the dynamic linker needs
- `system_files`: certificates, time zones, locales, users, `/tmp`
- `system_packages`: packages that the Dockerfile asks for by name
"""
