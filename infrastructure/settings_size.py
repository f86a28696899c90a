"""Do the settings fit? Asked before anything is deployed.

A function's environment holds 4 KB, names and values together, and a parameter of a stack 4096
bytes: several identity or mail providers may pass both. CloudFormation says so after minutes, in
the middle of an update, and names no setting. What it fills in by itself (a queue's address, a
table's name) is counted as the longest that it may be.

Sources: AWS Lambda, « Lambda quotas » (environment variables, 4 KB, in aggregate);
AWS CloudFormation, « quotas » (parameter value, 4,096 bytes).
"""

from collections.abc import Mapping
from typing import Any

from infrastructure.package import Package

MOST = 4096  # bytes, of a function's environment and of a parameter
_FILLED_IN = 160  # bytes: an SQS address with a long stage and region


def too_large(packages: Mapping[str, Package], parameters: Mapping[str, str]) -> list[str]:
    """What does not fit, a sentence each with the settings and their sizes; [] when all does."""
    wrong = [
        f"{name} is {_bytes(value)} bytes long; a parameter holds {MOST}"
        for name, value in parameters.items()
        if _bytes(value) > MOST
    ]
    for app, made in packages.items():
        common = _variables(made.template.get("Globals", {}).get("Function", {}))
        for name, function in made.functions.items():
            sizes = {
                variable: _bytes(variable) + _size(value, parameters, made.template)
                for variable, value in {**common, **_variables(function["Properties"])}.items()
            }
            total = sum(sizes.values())
            if total > MOST:
                largest = sorted(sizes.items(), key=lambda one: -one[1])[:3]
                told = ", ".join(f"{variable} {size}" for variable, size in largest)
                wrong.append(
                    f"the environment of {app}/{name} is {total} bytes long; Lambda holds {MOST}."
                    f" The largest settings: {told}"
                )
    return wrong


def _variables(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = properties.get("Environment", {}).get("Variables", {})
    return found


def _size(value: object, parameters: Mapping[str, str], template: Mapping[str, Any]) -> int:
    """The bytes of a variable's value: written there, a parameter's, or filled in later."""
    if isinstance(value, str):
        return _bytes(value)
    name = value.get("Ref", "") if isinstance(value, dict) else ""
    declared = template.get("Parameters", {}).get(name)
    if declared is None:
        return _FILLED_IN
    return _bytes(str(parameters.get(name, declared.get("Default", ""))))


def _bytes(text: str) -> int:
    return len(text.encode())
