"""Where state lies: proxies, initialisers, layouts, pointers."""
