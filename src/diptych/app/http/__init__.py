"""HTTP edge of the application: the only asynchronous code."""
