"""What is packaged, once for all the tests that look at it."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from infrastructure.package import APPS, Package, package


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Package]:
    """The five apps, packaged as `make package` does."""
    folder: Path = tmp_path_factory.mktemp("package")
    return {app: package(app, folder) for app in APPS}
