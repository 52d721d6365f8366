"""Application edge: workspace (composition root), command line, HTTP and web."""
