"""Bundles: one file that lets anybody verify a record without network and without us."""

from diptych.provenance.bundle.build import BundleRequest, build_bundle
from diptych.provenance.bundle.dump import dump_bundle
from diptych.provenance.bundle.errors import BadBundleRequest, MissingAncestor

__all__ = ["BadBundleRequest", "BundleRequest", "MissingAncestor", "build_bundle", "dump_bundle"]
