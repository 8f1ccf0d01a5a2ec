"""The worker of a queue: what it refuses, and how often it works off the outbox."""

import time
from types import SimpleNamespace

import workers.__main__ as worker
from agent_platform.core.queue import DRAIN
from workers import jobs


def made(settings):
    return worker._worker("maintenance")


def job(name):
    return SimpleNamespace(func_name=name, delete=lambda: None)


def test_a_job_that_is_none_of_ours_is_refused(settings):
    assert made(settings).perform_job(job("os.system"), None, None) is False


def test_drains_that_follow_at_once_are_taken_together(settings, monkeypatch):
    slept = []
    monkeypatch.setattr(worker.SimpleWorker, "perform_job", lambda *_: True)
    monkeypatch.setattr(time, "sleep", slept.append)
    one = made(settings)
    one.perform_job(job(DRAIN), None, None)
    one.perform_job(job("workers.jobs.refresh_figures"), None, None)
    assert slept == [0.0]
    one.perform_job(job(DRAIN), None, None)
    assert 0.0 < slept[1] <= worker.DRAIN_SECONDS
    assert DRAIN.rpartition(".")[2] in vars(jobs)
