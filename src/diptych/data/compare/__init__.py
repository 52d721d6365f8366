"""What changed between two versions: files, rows and columns of tables, tensors."""

from diptych.data.compare.errors import CannotCompare
from diptych.data.compare.files import FileChanges, compare_files
from diptych.data.compare.rows import TableChanges, compare_tables
from diptych.data.compare.tensors import TensorChanges, compare_tensors, read_tensors

__all__ = [
    "CannotCompare",
    "FileChanges",
    "TableChanges",
    "TensorChanges",
    "compare_files",
    "compare_tables",
    "compare_tensors",
    "read_tensors",
]
