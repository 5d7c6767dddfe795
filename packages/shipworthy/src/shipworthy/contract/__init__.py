"""What changed between two OpenAPI documents that breaks a client. Additions are no news."""

from shipworthy.contract.command import main
from shipworthy.contract.operations import compare
from shipworthy.contract.report import Break

__all__ = ["Break", "compare", "main"]
