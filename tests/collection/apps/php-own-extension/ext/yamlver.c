#include "php.h"
#include <yaml.h>

ZEND_BEGIN_ARG_INFO_EX(arginfo_yamlver, 0, 0, 0)
ZEND_END_ARG_INFO()

PHP_FUNCTION(yamlver)
{
    ZEND_PARSE_PARAMETERS_NONE();
    RETURN_STRING(yaml_get_version_string());
}

static const zend_function_entry functions[] = {
    PHP_FE(yamlver, arginfo_yamlver)
    PHP_FE_END
};

zend_module_entry yamlver_module_entry = {
    STANDARD_MODULE_HEADER, "yamlver", functions, NULL, NULL, NULL, NULL, NULL, "1.0", STANDARD_MODULE_PROPERTIES
};

ZEND_GET_MODULE(yamlver)
