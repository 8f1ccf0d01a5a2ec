"""The probe of the image, and the signs that it reads."""

import os
import socket
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.deploy.compose import ROOT
from workers.__main__ import _worker
from workers.pulse import leave_sign

ALIVE = ROOT / "deploy" / "platform" / "alive"


def alive(kind, place):
    return subprocess.run([ALIVE, kind, str(place)], capture_output=True, text=True, check=False)


@pytest.fixture
def sign(settings):
    return settings.run_dir / "signs" / "beat"


def test_a_loop_that_went_round_lately_lives(sign):
    leave_sign("beat")
    assert alive("sign", sign).returncode == 0


def test_a_loop_that_stopped_is_found_and_so_is_one_that_never_began(sign):
    assert alive("sign", sign).returncode == 1
    leave_sign("beat")
    long_ago = time.time() - 91
    os.utime(sign, (long_ago, long_ago))
    stopped = alive("sign", sign)
    assert (stopped.returncode, stopped.stderr) == (1, f"{sign}: no sign of life\n")


def test_an_idle_worker_leaves_a_sign_whenever_it_looks_for_work(settings):
    worker = _worker("builds")
    sign = settings.run_dir / "signs" / "builds"
    sign.unlink()
    worker.work(burst=True, logging_level="ERROR")
    assert sign.exists()


def test_a_socket_lives_while_somebody_accepts(tmp_path):
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(path))
        assert alive("socket", path).returncode == 1
        door.listen()
        assert alive("socket", path).returncode == 0


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/healthz" and self.server.is_well else 503)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.mark.parametrize(("is_well", "code"), [(True, 0), (False, 1)])
def test_the_web_process_lives_while_it_says_so(is_well, code):
    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        server.is_well = is_well
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        assert alive("http", server.server_port).returncode == code
        thread.join()
