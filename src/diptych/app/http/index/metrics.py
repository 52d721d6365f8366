"""Figures of a running server in the text format of Prometheus (version 0.0.4)."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_PREFIX = "diptych_index_"


@dataclass
class Latencies:
    """How long queries of one kind took.

    Attributes:
        counts: how many by bound, the last without a bound.
        total_s: of all together.
    """

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))
    total_s: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one query."""
        self.counts[bisect_left(BOUNDS_S, seconds)] += 1
        self.total_s += seconds


@dataclass
class Metrics:
    """Counted by the server's thread alone.

    Attributes:
        latencies: by kind of query.
        errors: answers with errors, by kind.
        refused: requests that were not answered, by reason.
        requests: by path and status.
        clients: WebSocket connections now.
        subscriptions: operations of them now.
    """

    latencies: dict[str, Latencies] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    requests: Counter[tuple[str, int]] = field(default_factory=Counter)
    clients: int = 0
    subscriptions: int = 0

    def answered(self, kind: str, seconds: float) -> None:
        """Count a query."""
        self.latencies.setdefault(kind, Latencies()).add(seconds)

    def text(self, figures: Mapping[str, float | None]) -> str:
        """Return all as text.

        Args:
            figures: of the index itself; names that end in `_total` are counters.
        """
        lines = list(_plain(figures))
        lines += _plain({"websocket_clients": self.clients, "subscriptions": self.subscriptions})
        requests = {
            f'path="{path}",status="{status}"': count
            for (path, status), count in self.requests.items()
        }
        lines += _labelled("http_requests_total", requests)
        lines += _labelled("query_errors_total", _kinds(self.errors, "kind"))
        lines += _labelled("refused_total", _kinds(self.refused, "reason"))
        lines += self._histogram()
        return "\n".join(lines) + "\n"

    def _histogram(self) -> Iterator[str]:
        name = _PREFIX + "query_seconds"
        yield f"# TYPE {name} histogram"
        for kind, one in sorted(self.latencies.items()):
            sum_ = 0
            for bound, count in zip([*map(str, BOUNDS_S), "+Inf"], one.counts, strict=True):
                sum_ += count
                yield f'{name}_bucket{{kind="{kind}",le="{bound}"}} {sum_}'
            yield f'{name}_sum{{kind="{kind}"}} {one.total_s:.6f}'
            yield f'{name}_count{{kind="{kind}"}} {sum_}'


def _plain(figures: Mapping[str, float | None]) -> Iterator[str]:
    for name, value in figures.items():
        if value is not None:
            yield f"# TYPE {_PREFIX}{name} {_type(name)}"
            yield (
                f"{_PREFIX}{name} {value:g}"
                if value != int(value)
                else (f"{_PREFIX}{name} {int(value)}")
            )


def _labelled(name: str, values: Mapping[str, int]) -> Iterable[str]:
    yield f"# TYPE {_PREFIX}{name} {_type(name)}"
    for labels, value in sorted(values.items()):
        yield f"{_PREFIX}{name}{{{labels}}} {value}"


def _kinds(counted: Mapping[str, int], label: str) -> dict[str, int]:
    return {f'{label}="{kind}"': count for kind, count in counted.items()}


def _type(name: str) -> str:
    return "counter" if name.endswith("_total") else "gauge"
