"""The names that the Serverless Framework gives to resources, as it documents them, and words to refer to them."""

from __future__ import annotations

import re
from typing import Any


def ref(name: str) -> dict[str, Any]:
    """Return CloudFormation's reference to a resource."""
    return {"Ref": name}


def arn_of(name: str) -> dict[str, Any]:
    """Return CloudFormation's words for the ARN of a resource."""
    return {"Fn::GetAtt": [name, "Arn"]}


def joined(*parts: Any) -> dict[str, Any]:
    """Return CloudFormation's words for parts in a row."""
    return {"Fn::Join": ["", list(parts)]}


def arn(service: str, *resource: Any) -> dict[str, Any]:
    """Return the ARN of something of a service in the account and region of the deployment."""
    prefix = ["arn:", ref("AWS::Partition"), f":{service}:", ref("AWS::Region"), ":", ref("AWS::AccountId"), ":"]
    return joined(*prefix, *resource)


def invocation(function_arn: Any) -> dict[str, Any]:
    """Return the address at which API Gateway invokes a function."""
    prefix = ["arn:", ref("AWS::Partition"), ":apigateway:", ref("AWS::Region")]
    return joined(*prefix, ":lambda:path/2015-03-31/functions/", function_arn, "/invocations")


def upper_first(name: str) -> str:
    """Return a name with a capital at its begin, the rest as it is."""
    return name[:1].upper() + name[1:]


def normal(name: str) -> str:
    """Return the part that stands for a function's name, or an authorizer's, in logical ids."""
    return plain(name.replace("-", "Dash").replace("_", "Underscore"))


def plain(name: str) -> str:
    """Return the part that stands for the name of a bucket, topic, queue or rule in logical ids."""
    return upper_first(re.sub("[^0-9A-Za-z]", "", name))


def of_path(path: str) -> str:
    """Return the part that stands for a path of an API in logical ids."""
    return "".join(map(_of_part, path.split("/")))


def _of_part(part: str) -> str:
    text = re.sub(r"\{(.*)\}", r"\1Var", part.capitalize().replace("-", "Dash"))
    return plain(text)


def of_route(route: str) -> str:
    """Return the part that stands for a route of a WebSocket API in logical ids."""
    for sign, word in (("$", "S"), ("/", "Slash"), ("-", "Dash"), ("_", "Underscore"), (".", "Period")):
        route = route.replace(sign, word)
    return re.sub("[^0-9A-Za-z]", "", route)


def function_id(name: str) -> str:
    """Return the logical id of a function."""
    return f"{normal(name)}LambdaFunction"


def of_source(source: Any) -> str:
    """Return the name of the queue, stream or topic that an ARN, or CloudFormation's words for one, mean."""
    if isinstance(source, str):
        return source.split(":")[-1]
    if isinstance(source, dict) and len(source) == 1:
        ((_, given),) = source.items()
        if isinstance(given, str):
            return given.split(".")[0]
        if isinstance(given, list) and given:
            last = given[0] if "Fn::GetAtt" in source else given[-1]
            return of_source(last[-1] if isinstance(last, list) and last else last)
    return "Source"
