"""Loads the real doors, functions/*/app.py, into this process.

Each is a file named app.py: they get module names of their own, so that five of them can live
together. Nothing of a door is copied or rewritten here; what runs on the laptop is what is
packaged.
"""

import importlib.util
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

FUNCTIONS = Path(__file__).resolve().parents[5] / "functions"


@dataclass(frozen=True, slots=True)
class Door:
    """One function: its name, its Chalice app, its module."""

    name: str
    module: ModuleType

    @property
    def app(self) -> Any:
        """The Chalice app."""
        return self.module.app

    def handler(self, handler_string: str) -> Callable[[Any, Any], Any]:
        """Return the handler that Chalice names `app.<function>`."""
        handler: Callable[[Any, Any], Any] = getattr(
            self.module, handler_string.rsplit(".", maxsplit=1)[-1]
        )
        return handler


def load(folder: Path = FUNCTIONS) -> Mapping[str, Door]:
    """Import every door of a folder, by name; whatever an app.py raises passes."""
    doors = {}
    for path in sorted(folder.glob("*/app.py")):
        name = path.parent.name
        module_name = f"facteur_door_{name}"
        spec = importlib.util.spec_from_file_location(module_name, path)
        if spec is None or spec.loader is None:
            continue
        module = importlib.util.module_from_spec(spec)
        sys.modules[module_name] = module
        spec.loader.exec_module(module)
        doors[name] = Door(name, module)
    return doors
