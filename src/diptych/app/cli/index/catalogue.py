"""Members of `diptych index`: where their code stands, and one line of help."""

from diptych.app.cli.catalogue import CommandPlace

_CLI = "diptych.app.cli"

INDEX_COMMANDS: dict[str, CommandPlace] = {
    "init": CommandPlace(
        "plumbing", f"{_CLI}.index.starting:init", "Write a manifest for a contract."
    ),
    "run": CommandPlace(
        "plumbing", f"{_CLI}.index.run:run", "Index what a manifest asks for, up to the head."
    ),
    "status": CommandPlace(
        "plumbing", f"{_CLI}.index.asking:status", "Show how far an index is and what it holds."
    ),
    "query": CommandPlace(
        "plumbing", f"{_CLI}.index.asking:query", "Answer one SELECT over an index."
    ),
    "serve": CommandPlace(
        "plumbing", f"{_CLI}.index.serving:serve", "Answer queries over an index by HTTP."
    ),
    "replay": CommandPlace(
        "plumbing", f"{_CLI}.index.run:replay", "Make the rows anew from the cache."
    ),
    "export": CommandPlace(
        "plumbing", f"{_CLI}.index.exporting:export", "Write the tables of an index into files."
    ),
    "seal": CommandPlace(
        "plumbing", f"{_CLI}.index.proving:seal", "Log a signed statement of what an index says."
    ),
    "proof": CommandPlace(
        "plumbing", f"{_CLI}.index.proving:proof", "Write rows with the proof of their event."
    ),
    "verify": CommandPlace(
        "plumbing", f"{_CLI}.index.proving:verify", "Recompute a sealed state, or check a proof."
    ),
    "record": CommandPlace(
        "plumbing", f"{_CLI}.index.record:record", "Write blocks of a chain into files."
    ),
}
