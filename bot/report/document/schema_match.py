"""A quick look whether a document matches a JSON Schema: yes, or perhaps not.

Nearly every report matches, and jsonschema, which says where one does not, takes longer to import
than all other work on a report that was kept. What this module takes for a match is one; of a
keyword that it does not know it says "perhaps not". See https://json-schema.org/draft/2020-12.
"""

from collections.abc import Callable, Mapping
from typing import Any

Schema = Mapping[str, Any]
_Keyword = Callable[[Any, Any, Schema], bool]

# A boolean is no number in JSON, though `bool` is an `int` in Python.
_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_ANNOTATIONS = frozenset({"description", "title", "$schema", "$defs"})
_DEFINITIONS = "#/$defs/"


def matches(document: Any, schema: Schema) -> bool:
    """Return True if a document matches; RecursionError if it is too deep."""
    return _matches(document, schema, schema.get("$defs", {}))


def _matches(value: Any, schema: Schema, definitions: Schema) -> bool:
    for name, argument in schema.items():
        if name in _ANNOTATIONS:
            continue
        keyword = _KEYWORDS.get(name)
        if keyword is None:
            return False
        is_rule_of_properties = name == "additionalProperties"
        rule = (argument, schema.get("properties", {})) if is_rule_of_properties else argument
        if not keyword(value, rule, definitions):
            return False
    return True


def _has_type(value: Any, types: Any, _: Schema) -> bool:
    names = [types] if isinstance(types, str) else types
    return any(type(value) in _TYPES[name] for name in names)


def _is_one_of(value: Any, choices: Any, _: Schema) -> bool:
    # 1 and True are equal in Python.
    return any(type(value) is type(choice) and value == choice for choice in choices)


def _has_definition(value: Any, reference: Any, definitions: Schema) -> bool:
    name = reference.removeprefix(_DEFINITIONS)
    return name in definitions and _matches(value, definitions[name], definitions)


def _has_properties(value: Any, properties: Any, definitions: Schema) -> bool:
    return not isinstance(value, dict) or all(
        _matches(value[name], schema, definitions)
        for name, schema in properties.items()
        if name in value
    )


def _has_allowed_names(value: Any, rule: Any, definitions: Schema) -> bool:
    """Check the properties that the schema does not name."""
    schema, named = rule
    if not isinstance(value, dict):
        return True
    others = [content for name, content in value.items() if name not in named]
    if isinstance(schema, bool):
        return schema or not others
    return all(_matches(content, schema, definitions) for content in others)


def _has_items(value: Any, schema: Any, definitions: Schema) -> bool:
    return not isinstance(value, list) or all(_matches(x, schema, definitions) for x in value)


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


_KEYWORDS: Mapping[str, _Keyword] = {
    "type": _has_type,
    "enum": _is_one_of,
    "const": lambda value, choice, _: _is_one_of(value, [choice], _),
    "$ref": _has_definition,
    "required": lambda value, names, _: (
        not isinstance(value, dict) or all(name in value for name in names)
    ),
    "properties": _has_properties,
    "additionalProperties": _has_allowed_names,
    "items": _has_items,
    "minItems": lambda value, count, _: not isinstance(value, list) or len(value) >= count,
    "maxItems": lambda value, count, _: not isinstance(value, list) or len(value) <= count,
    "maxLength": lambda value, length, _: not isinstance(value, str) or len(value) <= length,
    "minimum": lambda value, bound, _: not _is_number(value) or value >= bound,
    "maximum": lambda value, bound, _: not _is_number(value) or value <= bound,
    "anyOf": lambda value, schemas, defs: any(_matches(value, x, defs) for x in schemas),
    "allOf": lambda value, schemas, defs: all(_matches(value, x, defs) for x in schemas),
}
