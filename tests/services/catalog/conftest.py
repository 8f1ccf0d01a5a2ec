import pytest

from tests.services.catalog.creators import Creator


@pytest.fixture
def harbor(settings) -> Creator:
    return Creator("harbor")
