"""What the network says of one contract, asked for function by function as candidates need it."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from diptych.audit.analysis.contract import ContractGraph, FunctionView
from diptych.audit.graph.ops import Op
from diptych.audit.learned.features import Encoder
from diptych.audit.learned.model import Answer, Network
from diptych.audit.learned.table import Voice
from diptych.audit.rules.rule import Match, Spot

__all__ = ["Voices"]


class Voices:
    """Answers of the network for functions of one contract.

    Args:
        network: who is asked.
        contract: the functions.
        matches: what rules matched; the functions that hold them are asked for.
        also: says which other functions are.
    """

    def __init__(
        self,
        network: Network,
        contract: ContractGraph,
        matches: Sequence[Match],
        also: Callable[[FunctionView], bool],
    ) -> None:
        self._views: Final = {id(view.graph.frame): view for view in contract.functions}
        self._named: Final = {
            id(view.function): view for view in contract.functions if view.function is not None
        }
        self._answers: dict[int, Answer] = {}
        self.views: tuple[FunctionView, ...] = ()
        asked = {id(view) for view in self._asked(matches)}
        views = {
            id(view): view
            for view in contract.functions
            if len(view.ops) > 1 and (id(view) in asked or also(view))
        }
        if not views:
            return
        encoder = Encoder(contract)
        arrays = [encoder.encode(view) for view in views.values()]
        usable = [
            (key, each) for key, each in zip(views, arrays, strict=True) if each.ops and each.words
        ]
        answers = network.answer([each for _, each in usable])
        self._answers = {key: answer for (key, _), answer in zip(usable, answers, strict=True)}
        self.views = tuple(views[key] for key in self._answers)

    def _asked(self, matches: Iterable[Match]) -> Iterable[FunctionView]:
        return (view for match in matches if (view := self.view(match.op)) is not None)

    def view(self, op: Op | Spot) -> FunctionView | None:
        """Return the function whose graph holds an op or spot."""
        if isinstance(op, Spot):
            return self._named.get(id(op.frame.function))
        *_, root = op.frame.stack()
        return self._views.get(id(root))

    def answer(self, op: Op | Spot) -> Answer | None:
        """Return the network's answer for the function that holds an op or spot."""
        view = self.view(op)
        return None if view is None else self._answers.get(id(view))

    def of(self, view: FunctionView) -> Answer:
        """Return the answer for one of `views`."""
        return self._answers[id(view)]

    def voice(self, match: Match, category: int) -> Voice | None:
        """Return what is said of a match: of its function, and at its ops at best."""
        answer = self.answer(match.op)
        if answer is None:
            return None
        stretches = [(each.start, each.end) for each in (match.op, *match.related)]
        local = answer.loudest(category, stretches)
        logit = float(answer.logits[category])
        return Voice(logit, min(logit, 0.0) if local is None else local)
