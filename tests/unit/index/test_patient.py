"""Waiting while an endpoint is away: no error, no lost row, and an end when told to."""

import pytest
from tests.unit.index.made_node import made_node, source_of

from diptych.index.blocks import LogSelector, Span, Wanted
from diptych.index.source.checks import check_source
from diptych.index.source.patient import PatientSource
from diptych.ledger.errors import MalformedAnswer, Unreachable
from diptych.ledger.transport import HttpAnswer

SPAN = Span(0, 11)
ALL = Wanted(logs=(LogSelector(),))


def test_an_outage_costs_time_and_no_rows() -> None:
    """It is told once; the pauses grow."""
    node, slept, told = made_node(faults=[Unreachable("away")] * 6), list[float](), list[str]()
    source = PatientSource(
        source_of(node), stop=lambda: False, notice=told.append, sleep=slept.append
    )
    assert source.head().number == 11
    assert sum(slept) == 1 + 2 + 4 + 8 + 16 + 30
    assert len(told) == 1
    node.faults = [Unreachable("away")] * 2
    assert source.fetch(SPAN, ALL).logs.equals(source_of(made_node()).fetch(SPAN, ALL).logs)
    assert len(told) == 2


def test_it_ends_when_told_to() -> None:
    """Then the error is that of the source."""
    source = PatientSource(
        source_of(made_node(faults=[Unreachable("away")] * 9)), stop=lambda: True
    )
    with pytest.raises(Unreachable, match="away"):
        source.head()


def test_what_is_wrong_is_not_waited_for() -> None:
    """A lie stays an error."""
    node = made_node(faults=[HttpAnswer(200, b"{}")])
    with pytest.raises(MalformedAnswer):
        PatientSource(source_of(node), stop=lambda: False).head()


def test_a_source_that_was_never_there_is_an_error_at_once() -> None:
    """A mistyped URL is not waited for."""
    node = made_node(faults=[Unreachable("away")])
    with pytest.raises(Unreachable):
        PatientSource(source_of(node), stop=lambda: False).identity()


def test_it_passes_the_suite_of_sources() -> None:
    """As the source alone does."""
    source = PatientSource(source_of(made_node()), stop=lambda: False)
    assert [one for one in check_source(source, SPAN) if not one.is_passed] == []
    source.wait(0.0)
