"""Contracts: compiled artefacts and typed bindings; the sources stand in /contracts."""

from typing import TYPE_CHECKING

from diptych.core.lazy import lazy_names

if TYPE_CHECKING:
    from diptych.contracts.artefact import Artefact, contract_names, known_abis, load_artefact
    from diptych.contracts.compiler import find_compiler
    from diptych.contracts.deployment import contract_statuses, deploy, deployed_address
    from diptych.contracts.plan import plan_deployment
    from diptych.contracts.verify import verify_contracts

__all__ = [
    "Artefact",
    "contract_names",
    "contract_statuses",
    "deploy",
    "deployed_address",
    "find_compiler",
    "known_abis",
    "load_artefact",
    "plan_deployment",
    "verify_contracts",
]

__getattr__ = lazy_names(
    __name__,
    {
        "Artefact": "diptych.contracts.artefact",
        "contract_names": "diptych.contracts.artefact",
        "contract_statuses": "diptych.contracts.deployment",
        "deploy": "diptych.contracts.deployment",
        "deployed_address": "diptych.contracts.deployment",
        "find_compiler": "diptych.contracts.compiler",
        "known_abis": "diptych.contracts.artefact",
        "load_artefact": "diptych.contracts.artefact",
        "plan_deployment": "diptych.contracts.plan",
        "verify_contracts": "diptych.contracts.verify",
    },
)
