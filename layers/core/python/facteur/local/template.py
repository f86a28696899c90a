"""Reads a CloudFormation template: parameters, conditions and the few functions ours use.

Enough of the language for infrastructure/platform.yaml to be the single source of truth, on the
laptop as in the cloud; anything else raises. Reference:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

import functools
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

Lookup = Callable[[str, str], str]  # (logical identifier, "Ref" or an attribute) → value

_NOTHING = object()  # what AWS::NoValue leaves behind
_LOGIC: dict[str, Callable[[list[Any]], bool]] = {
    "Equals": lambda values: str(values[0]) == str(values[1]),
    "Not": lambda values: not values[0],
    "And": all,
    "Or": any,
}
_FUNCTIONS = ("Sub", "GetAtt", "If", "Join", *_LOGIC)


class TemplateError(ValueError):
    """The template uses something this reader does not know, or a parameter is missing."""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML with CloudFormation's short tags: `!Sub x` reads as {"Fn::Sub": x}."""


def _short_tag(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        msg = f"!{suffix} of a mapping"
        raise TemplateError(msg)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_tag)


@functools.cache
def _parse(path: Path) -> dict[str, Any]:
    # A subclass of SafeLoader: nothing but plain values is built. Read only, hence shared.
    document: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506
    return document


class Template:
    """A template with its parameters given: resources, conditions, evaluation."""

    def __init__(
        self, path: Path, parameters: Mapping[str, str], *, account: str, region: str
    ) -> None:
        document = _parse(path)
        self.resources: dict[str, dict[str, Any]] = document["Resources"]
        self._conditions: dict[str, Any] = document.get("Conditions", {})
        self._parameters = self._complete(document.get("Parameters", {}), parameters)
        self._pseudo = {
            "AWS::AccountId": account,
            "AWS::Region": region,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": path.stem,
        }

    @staticmethod
    def _complete(declared: dict[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
        unknown = set(given) - set(declared)
        if unknown:
            msg = f"unknown parameters: {', '.join(sorted(unknown))}"
            raise TemplateError(msg)
        values = {name: given.get(name, one.get("Default")) for name, one in declared.items()}
        missing = [name for name, value in values.items() if value is None]
        if missing:
            msg = f"missing parameters: {', '.join(missing)}"
            raise TemplateError(msg)
        for name, value in values.items():
            pattern = declared[name].get("AllowedPattern")
            allowed = declared[name].get("AllowedValues")
            if pattern and not re.fullmatch(pattern, str(value)):
                msg = f"{name}: {value!r} does not match {pattern}"
                raise TemplateError(msg)
            if allowed and str(value) not in [str(one) for one in allowed]:
                msg = f"{name}: {value!r} is not one of {allowed}"
                raise TemplateError(msg)
        return values

    def active(self, logical: str) -> bool:
        """Tell whether a resource exists under the given parameters."""
        name = self.resources[logical].get("Condition")
        return name is None or self._condition(name)

    def properties(self, logical: str, lookup: Lookup) -> dict[str, Any]:
        """Return a resource's properties with every function resolved through `lookup`."""
        value: dict[str, Any] = self.value(self.resources[logical].get("Properties", {}), lookup)
        return value

    def value(self, node: Any, lookup: Lookup) -> Any:
        """Resolve every function inside a piece of template; TemplateError on an unknown one."""
        if isinstance(node, list):
            values = [self.value(one, lookup) for one in node]
            return [one for one in values if one is not _NOTHING]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            name, argument = next(iter(node.items()))
            if name == "Ref":
                return self._reference(argument, lookup)
            if name.startswith("Fn::"):
                return self._function(name[4:], argument, lookup)
        resolved = {key: self.value(one, lookup) for key, one in node.items()}
        return {key: one for key, one in resolved.items() if one is not _NOTHING}

    def _reference(self, name: str, lookup: Lookup) -> Any:
        if name == "AWS::NoValue":
            return _NOTHING
        if name in self._pseudo:
            return self._pseudo[name]
        if name in self._parameters:
            return self._parameters[name]
        return lookup(name, "Ref")

    def _function(self, name: str, argument: Any, lookup: Lookup) -> Any:
        if name not in _FUNCTIONS:
            msg = f"Fn::{name} is not known here"
            raise TemplateError(msg)
        if name == "GetAtt":
            return lookup(argument[0], argument[1])
        if name == "If":
            condition, yes, no = argument
            return self.value(yes if self._condition(condition) else no, lookup)
        if name == "Sub":
            return self._substitute(argument, lookup)
        values = [self.value(one, lookup) for one in argument]
        if name == "Join":
            return values[0].join(str(one) for one in values[1])
        return _LOGIC[name](values)

    def _substitute(self, text: str, lookup: Lookup) -> str:
        def one(match: re.Match[str]) -> str:
            name, _, attribute = match[1].partition(".")
            if attribute:
                return str(lookup(name, attribute))
            return str(self._reference(name, lookup))

        return re.sub(r"\$\{([^!{}]+)\}", one, text)

    def _condition(self, name: str) -> bool:
        def refuse(logical: str, _: str) -> str:
            msg = f"condition {name} refers to resource {logical}"
            raise TemplateError(msg)

        return bool(self.value(self._conditions[name], refuse))
