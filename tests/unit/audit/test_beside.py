"""Audits by a second process: the same as here, none where it cannot, nothing left behind."""

from __future__ import annotations

from dataclasses import replace
from subprocess import Popen
from typing import Any

import pytest

from ytterby.audit import AuditTask, Figure, audit, shipped_set
from ytterby.audit.beside import begun


def task() -> AuditTask:
    """One reading of the shipped claims against one feed."""
    claims = shipped_set("lacq")
    plant = {name: it for name, it in claims.claims.items() if it.topic == "plant"}
    printed = {"as_printed": claims.readings["as_printed"]}
    small = replace(claims, claims=plant, readings=printed, first_reading="as_printed")
    return AuditTask(small, feeds=("IAC_XINFENG",), draws=2000)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Popen[bytes]]:
    """The processes that are started."""
    found: list[Popen[bytes]] = []

    def start(*arguments: Any, **options: Any) -> Popen[bytes]:
        found.append(Popen(*arguments, **options))
        return found[-1]

    monkeypatch.setattr("ytterby.audit.beside.Popen", start)
    return found


def test_what_comes_back_is_what_is_made_here(started: list[Popen[bytes]]):
    with begun({"one": task()}) as made:
        found = made()["one"]
    here = audit(task())
    assert found.first.contradictions == here.first.contradictions
    assert found.first.contradictions
    assert found.first.answers == here.first.answers
    assert found.judged == here.judged
    assert [it.poll() for it in started] == [0]


def test_a_caller_that_fails_ends_the_second_process(started: list[Popen[bytes]]):
    with pytest.raises(RuntimeError, match="no plant"), begun({"one": task()}):
        raise RuntimeError("no plant")
    assert len(started) == 1 and started[0].poll() not in (None, 0)


def test_an_audit_that_is_refused_is_left_to_the_caller():
    refused = replace(task(), figures=(Figure("of_no_claim", 1.0, "t/y", "made up"),))
    with begun({"one": refused}) as made:
        assert made() == {}


def test_a_second_process_that_was_ended_brings_nothing(started: list[Popen[bytes]]):
    with begun({"one": task()}) as made:
        started[0].kill()
        assert made() == {}


def test_a_second_process_that_cannot_begin_brings_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ytterby.audit.beside.COMMAND", ("-c", "raise SystemExit(1)"))
    with begun({"one": task()}) as made:
        assert made() == {}


def test_a_second_process_that_reads_nothing_brings_nothing(monkeypatch: pytest.MonkeyPatch):
    """More is written to it than a pipe holds."""
    command = ("-c", "import os; os.close(0); raise SystemExit(1)")
    monkeypatch.setattr("ytterby.audit.beside.COMMAND", command)
    long = replace(task(), claims=replace(task().claims, title=1_000_000 * "long "))
    with begun({"one": long}) as made:
        assert made() == {}


def test_one_processor_does_without(started: list[Popen[bytes]], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    with begun({"one": task()}) as made:
        assert made() == {}
    assert not started
