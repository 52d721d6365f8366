"""What the network reports where no rule spoke, by category."""

from typing import Final

from diptych.audit.finding import RuleInfo
from diptych.audit.learned.vocabulary import CATEGORIES

__all__ = ["PROPOSALS"]


def _info(category: str) -> RuleInfo:
    words = category.replace("_", " ")
    return RuleInfo(
        id=f"learned-{category.replace('_', '-')}",
        title=f"Looks like a fault of {words}",
        category=category,
        severity="low",
        swc="",
        cwe="CWE-710",
        owasp="",
        description="No rule matches, but the graph network finds the function's graph close to "
        "those of functions with such a fault. The lines named weighed most.",
        scenario="Unknown: a resemblance, no proof. Read the named lines.",
        fix="Review the function by hand.",
        reference="https://arxiv.org/abs/1703.06103",
    )


PROPOSALS: Final = {category: _info(category) for category in CATEGORIES}
