"""Write `pytest_lsqm/observing/services.tsv` anew from the models of the botocore that is installed."""

from __future__ import annotations

from pathlib import Path

import botocore
import botocore.session

TARGET = Path(__file__).parents[1] / "pytest_lsqm" / "observing" / "services.tsv"


def main() -> None:
    """Read every service's metadata: what its requests are recognised by."""
    loader = botocore.session.get_session().get_component("data_loader")
    lines = [
        (
            f"# From botocore {botocore.__version__} by tools/aws_services.py: "
            "service, signing name, prefix of X-Amz-Target, protocol, API version"
        )
    ]
    for name in loader.list_available_services("service-2"):
        about = loader.load_service_model(name, "service-2")["metadata"]
        signing = about.get("signingName") or about["endpointPrefix"]
        kind = "rest" if about["protocol"].startswith("rest") else "rpc"
        lines.append("\t".join((name, signing, about.get("targetPrefix") or "-", kind, about["apiVersion"])))
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
