"""Program graphs of bytecode: exploring, lifting to static single assignment, storage places."""
