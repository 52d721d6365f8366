"""The public catalogue as static files: a page that checks itself, and its data."""

from diptych.app.web.catalogue.page import CatalogueData, CatalogueEntry, catalogue_page, title_of

__all__ = ["CatalogueData", "CatalogueEntry", "catalogue_page", "title_of"]
