"""Pictures of the riskiest contracts of a report; their files are read again."""

from pathlib import Path

from diptych.audit.analysis.contract import build_contract
from diptych.audit.finding import Finding
from diptych.audit.report.picture import Picture, contract_picture
from diptych.audit.source.load import load_program
from diptych.audit.triage.triaged import Triaged

__all__ = ["pictures"]

_SHOWN = 12


def pictures(triaged: Triaged) -> dict[tuple[str, str], Picture]:
    """Return pictures of the riskiest contracts by path and name; what changed since is left out.

    Args:
        triaged: the report, whose texts are held against what is read now.
    """
    names = triaged.report.virtual  # names, which must not be opened
    risks = (risk for risk in triaged.risks if risk.contract and risk.path not in names)
    wanted = list(risks)[:_SHOWN]
    found: dict[tuple[str, str], list[Finding]] = {}
    for risk in wanted:
        found[risk.path, risk.contract] = [part.finding for part in risk.parts]
    loaded = load_program([Path(path) for path in dict.fromkeys(risk.path for risk in wanted)])
    texts = triaged.report.texts
    made: dict[tuple[str, str], Picture] = {}
    for contract in loaded.program.contracts:
        key = (contract.unit.path, contract.tree.name)
        if key in found and loaded.texts[key[0]].digest == texts[key[0]].digest:
            made[key] = contract_picture(build_contract(contract, set()), found[key])
    return {key: made[key] for key in found if key in made}
