"""The benchmark measures both sides alike, and does without an engine."""

from pathlib import Path

import pytest

from tests.engine import bench
from tests.engine.bench import Pair
from tests.engine.kit import engine as kit


def test_runs_are_interleaved_and_the_first_round_is_thrown_away() -> None:
    asked: list[tuple[int, bool]] = []

    def command(number: int, having: bool) -> float:
        asked.append((number, having))
        return number * 10.0 + having

    assert bench.measure(command, 2) == [Pair(without=10.0, having=11.0), Pair(without=20.0, having=21.0)]
    assert asked == [(0, False), (0, True), (1, True), (1, False), (2, False), (2, True)]


def test_the_ratio_is_that_of_the_rounds_and_not_of_a_busy_minute() -> None:
    rounds = [Pair(4.0, 4.8), Pair(40.0, 48.0), Pair(4.0, 4.8), Pair(4.0, 40.0), Pair(5.0, 5.0)]
    assert bench.ratio(rounds) == pytest.approx(1.2)
    shown = bench.line("preview prod", rounds)
    assert shown.split() == ["preview", "prod", "4.00", "(4.00-40.00)", "5.00", "(4.80-48.00)", "1.20", "5"]


def test_without_an_engine_it_says_so_and_builds_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(kit, "build", lambda: pytest.fail("nobody asked for an engine"))
    assert bench.main([]) == 0
    assert "the engine is not timed, there is none: `make engine`" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_a_failing_engine_is_told_with_what_it_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("pulumi", "pulumi-language-python"):
        (tmp_path / name).write_text("#!/bin/sh\necho no backend today\nexit 3\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert bench.main(["--runs", "1"]) == 2
    said = capsys.readouterr()
    assert "bench: the engine failed: exit code 3, expected 0" in said.err
    assert "no backend today" in said.err
    assert "ratio" not in said.out
