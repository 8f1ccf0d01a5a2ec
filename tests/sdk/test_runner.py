"""What a runner does between boot and claim."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BOOT = f"""
import sys; sys.path.append({str(ROOT)!r})
from agent_platform.sdk import runner
line = runner._preload_until_claimed()
print(line.decode().strip(), sum(name in sys.modules for name in runner.OFTEN_IMPORTED))
"""


@pytest.mark.parametrize(("claim", "imported"), [(b"{}\n", 0), (b"", 8)])
def test_modules_are_imported_ahead_only_while_nobody_waits(claim, imported):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(claim)
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-B", "-c", BOOT], stdin=theirs, capture_output=True, timeout=30, check=True
        )
    assert done.stdout.split() == [*claim.split(), str(imported).encode()]
