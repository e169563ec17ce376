"""Facts about Terraform configurations, read with python-hcl2; it is loaded when the first file is parsed."""

from pytest_lsqm.analysis.configuration import Configuration, load
from pytest_lsqm.analysis.contenthash import content_hash
from pytest_lsqm.analysis.facts import Analysis, analyse
from pytest_lsqm.analysis.files import Gathered, gather
from pytest_lsqm.analysis.providers import ProviderBlock, RequiredVersion
from pytest_lsqm.analysis.skips import skip_reasons

__all__ = [
    "Analysis",
    "Configuration",
    "Gathered",
    "ProviderBlock",
    "RequiredVersion",
    "analyse",
    "content_hash",
    "gather",
    "load",
    "skip_reasons",
]
