PHP_ARG_ENABLE([yamlver], [whether to enable yamlver], [AS_HELP_STRING([--enable-yamlver], [Enable it])], [yes])

if test "$PHP_YAMLVER" != "no"; then
  PHP_ADD_LIBRARY(yaml, 1, YAMLVER_SHARED_LIBADD)
  PHP_SUBST(YAMLVER_SHARED_LIBADD)
  PHP_NEW_EXTENSION(yamlver, yamlver.c, $ext_shared)
fi
