"""All readers of hostile input."""

from pathlib import Path

from tests.property.fuzz.engine import Target
from tests.property.fuzz.targets_activity import activity_targets
from tests.property.fuzz.targets_app import app_targets
from tests.property.fuzz.targets_audit import audit_targets
from tests.property.fuzz.targets_claims import claims_targets
from tests.property.fuzz.targets_exchange import exchange_targets
from tests.property.fuzz.targets_identity import identity_targets
from tests.property.fuzz.targets_index import index_targets
from tests.property.fuzz.targets_interop import interop_targets
from tests.property.fuzz.targets_ledger import ledger_targets
from tests.property.fuzz.targets_models import models_targets
from tests.property.fuzz.targets_provenance import provenance_targets
from tests.property.fuzz.targets_rpc import rpc_targets
from tests.property.fuzz.targets_sensors import sensors_targets
from tests.property.fuzz.targets_source import source_targets
from tests.property.fuzz.targets_tables import tables_targets
from tests.property.fuzz.targets_terms import terms_targets
from tests.property.fuzz.targets_verifier import verifier_targets


def all_targets(folder: Path) -> list[Target]:
    """Return every target; `folder` is empty scratch space that outlives them."""
    return [
        *verifier_targets(),
        *provenance_targets(folder / "provenance"),
        *ledger_targets(folder / "ledger"),
        *app_targets(folder / "app"),
        *terms_targets(),
        *tables_targets(folder / "tables"),
        *models_targets(),
        *sensors_targets(),
        *activity_targets(folder / "activity"),
        *claims_targets(),
        *exchange_targets(folder / "exchange"),
        *identity_targets(),
        *interop_targets(),
        *audit_targets(folder / "audit"),
        *index_targets(),
        *source_targets(folder / "source"),
        *rpc_targets(),
    ]
