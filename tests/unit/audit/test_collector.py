"""The collector rests while a scan runs, and works again after it."""

import gc
import weakref

import pytest

from diptych.audit.analysis.contract import build_contract
from diptych.audit.collector import swept
from diptych.audit.graph.program import Program, Unit
from diptych.audit.syntax.solidity.reader import read_solidity

SOURCE = b"contract C { uint n; function f(uint a) external { n = a + 1; } }"


class Circle:
    """An object that refers to itself."""

    def __init__(self) -> None:
        self.me = self


def fail() -> None:
    raise ValueError(gc.isenabled())


def test_the_collector_works_again_after_an_error() -> None:
    with pytest.raises(ValueError, match="False"), swept():
        fail()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_circles_go_after_enough_ops_and_stay_before() -> None:
    with swept(every_ops=100) as sweep:
        kept = weakref.ref(Circle())
        sweep(99)
        assert kept() is not None
        sweep(1)
        assert kept() is None


def test_who_stopped_the_collector_keeps_it_stopped() -> None:
    gc.disable()
    try:
        with swept() as sweep:
            sweep(1 << 40)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_graph_that_is_released_needs_no_collector() -> None:
    program = Program((Unit("c.sol", read_solidity(SOURCE), SOURCE),))
    graph = build_contract(program.contracts[0], set())
    seen = weakref.ref(graph.functions[0])
    with swept():
        graph.release()
        del graph
        assert seen() is None
