"""What is packaged, once for all the tests that look at it."""

from collections.abc import Mapping

import pytest

from infrastructure.package import APPS, Package, package


@pytest.fixture(scope="session")
def packages() -> Mapping[str, Package]:
    """The five apps as `make package` leaves them in build/, for the rehearsal too."""
    return {app: package(app) for app in APPS}
