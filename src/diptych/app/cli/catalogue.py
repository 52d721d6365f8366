"""What commands exist, behind which door, and where their code stands.

Help texts live here so that `diptych --help` imports none of the commands; a test holds them
against the commands themselves.
"""

from dataclasses import dataclass

DOORS = {
    "prove": "Prove: data, models and who made them",
    "guard": "Guard: contracts and chains",
    "trade": "Trade: offers, payments and agents",
    "plumbing": "Plumbing",
}


@dataclass(frozen=True)
class CommandPlace:
    """One command: its door, `module:attribute`, and one line of help."""

    door: str
    target: str
    help: str


_CLI = "diptych.app.cli"

COMMANDS: dict[str, CommandPlace] = {
    "init": CommandPlace("prove", f"{_CLI}.init:init", "Make this folder a workspace."),
    "seal": CommandPlace("prove", f"{_CLI}.seal:seal", "Seal a file or folder into the log."),
    "status": CommandPlace("prove", f"{_CLI}.status:status", "Show what changed since sealing."),
    "log": CommandPlace("prove", f"{_CLI}.log:log", "List records, newest first."),
    "bundle": CommandPlace("prove", f"{_CLI}.bundle:bundle", "Write a proof that travels alone."),
    "anchor": CommandPlace("prove", f"{_CLI}.anchor:anchor", "Write the log's root to a chain."),
    "verify": CommandPlace(
        "prove", f"{_CLI}.verify:verify", "Check a bundle, a sealed path or the whole log."
    ),
    "checkpoint": CommandPlace(
        "prove", f"{_CLI}.checkpoint:checkpoint", "Print, cosign or time-stamp the checkpoint."
    ),
    "export": CommandPlace("prove", f"{_CLI}.export:export", "Export tiles or a trust policy."),
    "backup": CommandPlace("prove", f"{_CLI}.backup:backup", "Copy the workspace to one file."),
    "restore": CommandPlace("prove", f"{_CLI}.backup:restore", "Bring a backup back, checked."),
    "key": CommandPlace("prove", f"{_CLI}.key:key", "Add, rotate, revoke and unlock keys."),
    "data": CommandPlace("prove", f"{_CLI}.data:data", "Add, trace, check, share and erase data."),
    "model": CommandPlace(
        "prove", f"{_CLI}.model:model", "Publish, trace, license, use and reproduce models."
    ),
    "run": CommandPlace("prove", f"{_CLI}.run:run", "List and show recorded activities."),
    "audit": CommandPlace("guard", f"{_CLI}.audit:audit", "Find faults in smart contracts."),
    "index": CommandPlace("plumbing", f"{_CLI}.index:index", "Keep what contracts did as tables."),
    "chain": CommandPlace("plumbing", f"{_CLI}.chain:chain", "Run and choose the chain."),
    "contracts": CommandPlace(
        "plumbing", f"{_CLI}.contracts:contracts", "List, verify and deploy the contracts."
    ),
    "config": CommandPlace("plumbing", f"{_CLI}.config:config", "Show settings and their origin."),
    "completion": CommandPlace(
        "plumbing", f"{_CLI}.completion:completion", "Print the shell completion script."
    ),
    "tour": CommandPlace("plumbing", f"{_CLI}.tour:tour", "See the whole loop work, in seconds."),
}

DATA_COMMANDS: dict[str, CommandPlace] = {
    "check": CommandPlace(
        "prove", f"{_CLI}.data.check:check", "Check a table by rules, log a signed report."
    ),
    "report": CommandPlace("prove", f"{_CLI}.data.report:report", "Show a quality report again."),
    "screen": CommandPlace(
        "prove", f"{_CLI}.data.screen:screen", "Say which columns look like personal data."
    ),
    "license": CommandPlace(
        "prove",
        f"{_CLI}.model.license:license",
        "Set, show, grant, check and revoke licences.",
    ),
    "add": CommandPlace("prove", f"{_CLI}.data.add:add", "Seal the next version of a name."),
    "lineage": CommandPlace(
        "prove", f"{_CLI}.data.lineage:lineage", "Show where data comes from or led to."
    ),
    "sensors": CommandPlace(
        "prove",
        f"{_CLI}.data.sensors:sensors",
        "Enrol devices, take in signed readings, check them.",
    ),
    "show": CommandPlace("prove", f"{_CLI}.data.show:show", "Show one version and its state."),
    "history": CommandPlace(
        "prove", f"{_CLI}.data.history:history", "List the versions of a name."
    ),
    "diff": CommandPlace("prove", f"{_CLI}.data.diff:diff", "Compare two versions."),
    "impact": CommandPlace(
        "prove", f"{_CLI}.data.impact:impact", "Name the models that ever saw something."
    ),
    "add-table": CommandPlace(
        "prove",
        f"{_CLI}.data.add_table:add_table",
        "Seal a table privately, row by row, as the next version of a name.",
    ),
    "subjects": CommandPlace(
        "prove", f"{_CLI}.data.subjects:subjects", "List whose rows a private table still holds."
    ),
    "disclose": CommandPlace(
        "prove",
        f"{_CLI}.data.disclose:disclose",
        "Show rows or fields of one subject of REF, with proof.",
    ),
    "series": CommandPlace(
        "prove",
        f"{_CLI}.data.deidentify:series",
        "Report on DICOM series: missing, doubled, mixed.",
    ),
    "deidentify": CommandPlace(
        "prove",
        f"{_CLI}.data.deidentify:deidentify",
        "De-identify DICOM files by PS3.15 and check the result.",
    ),
    "release": CommandPlace(
        "prove",
        f"{_CLI}.data.release:release",
        "Publish images held back, after a look at their pixels.",
    ),
    "compare": CommandPlace(
        "prove",
        f"{_CLI}.data.compare:compare",
        "Name the rows and columns that differ from a sealed table.",
    ),
    "erase": CommandPlace(
        "prove",
        f"{_CLI}.data.erase:erase",
        "Destroy keys, salts and payload of subjects, or of everything under REF.",
    ),
    "keys": CommandPlace(
        "prove",
        f"{_CLI}.data.keys:keys",
        "Back up, restore and prune the keys of private data.",
    ),
    "share": CommandPlace(
        "prove", f"{_CLI}.data.share:share", "Encrypt data for recipients, under terms."
    ),
    "receive": CommandPlace(
        "prove", f"{_CLI}.data.share:receive", "Verify a share and write what it holds."
    ),
    "accesses": CommandPlace(
        "prove",
        f"{_CLI}.data.share:accesses",
        "Log receipts of recipients, list shares and accesses.",
    ),
    "catalogue": CommandPlace(
        "prove",
        f"{_CLI}.data.catalogue:catalogue",
        "Write data sets, terms, grants, accesses and erasures as a static public site.",
    ),
    "identity": CommandPlace(
        "prove", f"{_CLI}.data.share:identity", "Make an age key to receive shares with."
    ),
    "revoke": CommandPlace(
        "prove",
        f"{_CLI}.model.alias:revoke",
        "Say that a version, licence or grant no longer counts.",
    ),
    "export": CommandPlace(
        "prove", f"{_CLI}.data.croissant:export", "Describe a version in Croissant."
    ),
    "import": CommandPlace(
        "prove", f"{_CLI}.data.croissant:import_", "Check and seal what Croissant describes."
    ),
    "import-openlineage": CommandPlace(
        "prove",
        f"{_CLI}.data.import_openlineage:import_openlineage",
        "Import OpenLineage RunEvents from a file.",
    ),
}
"""Members of `diptych data`."""

MODEL_COMMANDS: dict[str, CommandPlace] = {
    "register": CommandPlace(
        "prove", f"{_CLI}.model.register:register", "Register data or models on chain."
    ),
    "transfer": CommandPlace(
        "prove", f"{_CLI}.model.register:transfer", "Give a token to another address."
    ),
    "royalty": CommandPlace(
        "prove", f"{_CLI}.model.register:royalty", "Show or set the royalty of an asset."
    ),
    "zoo": CommandPlace(
        "prove", f"{_CLI}.model.publish:zoo", "Publish the models that come with diptych."
    ),
    "publish": CommandPlace(
        "prove", f"{_CLI}.model.publish:publish", "Publish the next version of a model."
    ),
    "list": CommandPlace(
        "prove", f"{_CLI}.model.show:list_", "List models, or the versions of one."
    ),
    "show": CommandPlace(
        "prove",
        f"{_CLI}.model.show:show",
        "Show a version: its card, aliases, approvals and tensors.",
    ),
    "history": CommandPlace(
        "prove", f"{_CLI}.model.show:history", "Show which version an alias named, and when."
    ),
    "verify": CommandPlace("prove", f"{_CLI}.model.use:verify", "Check a version as loading does."),
    "use": CommandPlace(
        "prove", f"{_CLI}.model.use:use", "Load a version under all checks and predict."
    ),
    "alias": CommandPlace(
        "prove", f"{_CLI}.model.alias:alias", "Let an alias point to a version from now on."
    ),
    "approve": CommandPlace("prove", f"{_CLI}.model.alias:approve", "Approve or reject a version."),
    "revoke": CommandPlace(
        "prove",
        f"{_CLI}.model.alias:revoke",
        "Say that a version, licence or grant no longer counts.",
    ),
    "compare": CommandPlace(
        "prove",
        f"{_CLI}.model.package:compare",
        "Compare tensors, or find what a model comes from.",
    ),
    "export": CommandPlace(
        "prove", f"{_CLI}.model.package:export", "Write a version with card and proof."
    ),
    "import": CommandPlace(
        "prove", f"{_CLI}.model.package:import_", "Verify an exported model and publish it here."
    ),
    "usage": CommandPlace(
        "prove", f"{_CLI}.model.usage:usage", "Record uses, log them, prove and check totals."
    ),
    "license": CommandPlace(
        "prove",
        f"{_CLI}.model.license:license",
        "Set, show, grant, check and revoke licences.",
    ),
    "reproduce": CommandPlace(
        "prove", f"{_CLI}.model.reproduce:reproduce", "Replay a recorded training and compare."
    ),
    "audit-pack": CommandPlace(
        "prove", f"{_CLI}.model.audit_pack:audit_pack", "Write what an auditor asks for."
    ),
    "lineage": CommandPlace(
        "prove", f"{_CLI}.model.lineage:lineage", "Show what a model was made of or led to."
    ),
}
"""Members of `diptych model`."""

AUDIT_COMMANDS: dict[str, CommandPlace] = {
    "scan": CommandPlace(
        "guard", f"{_CLI}.audit.scan:scan", "Find faults in files and folders of contracts."
    ),
    "rules": CommandPlace("guard", f"{_CLI}.audit.rules:rules", "List the rules, or explain one."),
    "explain": CommandPlace(
        "guard", f"{_CLI}.audit.explain:explain", "Say why a rule spoke and what would silence it."
    ),
    "fix": CommandPlace(
        "guard", f"{_CLI}.audit.fix:fix", "Repair what a scan finds, each fix proven on a node."
    ),
    "gas": CommandPlace(
        "guard", f"{_CLI}.audit.gas:gas", "Save gas, each saving measured on a node."
    ),
    "diff": CommandPlace(
        "guard", f"{_CLI}.audit.diff:diff", "Say which findings a range of commits made or fixed."
    ),
    "verify": CommandPlace(
        "guard", f"{_CLI}.audit.verify:verify", "Hold a report against the log and the code."
    ),
}
