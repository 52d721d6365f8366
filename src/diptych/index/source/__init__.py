"""Where blocks come from: endpoints, era1 files, recordings; each is one `Source`."""
