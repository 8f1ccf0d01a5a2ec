from collections.abc import Iterator

import pytest

from tests.contracts.benches import KubernetesBench, eventually
from tests.contracts.conftest import booted


@pytest.fixture(scope="session")
def shared_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KubernetesBench]:
    yield from booted(KubernetesBench(tmp_path_factory.mktemp("cluster"), warm=3, relist_seconds=1.0))


@pytest.fixture
def bench(shared_cluster: KubernetesBench) -> Iterator[KubernetesBench]:
    """A cluster with three warm pods; whatever a test did to it is mended."""
    yield shared_cluster
    cluster = shared_cluster.cluster
    cluster.faults.heal()
    cluster.kubelet.unschedulable = False
    for status in shared_cluster.driver.list():
        shared_cluster.driver.destroy(status.handle)
    eventually(lambda: not shared_cluster.leftovers())
    shared_cluster.warm()
