"""What the language lets pass: shadowing, slips of the pen, old compilers."""
