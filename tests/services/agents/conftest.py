import pytest

from tests.services.agents.building import Bench


@pytest.fixture
def bench(settings) -> Bench:
    return Bench()
