"""A service's functions, their log groups, and the role that they share."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from pytest_lsqm.discovery.limits import shown
from pytest_lsqm.discovery.serverless.draft import ROLE, Cannot, Draft, mapping, sequence, text
from pytest_lsqm.discovery.serverless.naming import arn_of, function_id, normal, ref

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT_RUNTIME = "nodejs20.x"
MEMORY = 1024
TIMEOUT = 6

_SUFFIXES = {"nodejs": (".js", ".mjs", ".cjs"), "python": (".py",), "ruby": (".rb",)}
"""What holds a handler, by the runtimes that run sources as they are."""

_COMPILED = {".ts": "TypeScript", ".mts": "TypeScript", ".cts": "TypeScript", ".tsx": "TypeScript", ".jsx": "JSX"}

_LATER = {
    "provisionedConcurrency": "is held by a version of the function, which is published after its deployment",
    "destinations": "belong to a version of the function, which is published after its deployment",
    "fileSystemConfig": "needs a file system inside of a network",
    "snapStart": "belongs to a version of the function, which is published after its deployment",
}
"""What a function may ask for besides itself, and why that is left out."""

_VPC_POLICY = ":iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"


def function(draft: Draft, name: str, config: dict[str, Any], folder: Path, package: dict[str, Any]) -> str:
    """Add a function with its log group, and return the path of its code in the service's folder.

    Raises Cannot where it could not run as it is.
    """
    provider = draft.provider
    if config.get("image"):
        raise Cannot("it is a container image, which would have to be built and pushed first")
    runtime = text(config.get("runtime") or provider.get("runtime") or DEFAULT_RUNTIME, "its runtime")
    handler = text(config.get("handler"), "its handler")
    code = _code(config, package, handler, runtime, folder)
    full_name = text(config.get("name") or f"{draft.service}-{draft.stage}-{name}", "its name")
    log_group = f"{normal(name)}LogGroup"
    with_logs = not config.get("disableLogs")
    if with_logs:
        retention = config.get("logRetentionInDays") or provider.get("logRetentionInDays")
        properties = {"LogGroupName": f"/aws/lambda/{full_name}", "RetentionInDays": retention}
        draft.add(log_group, "AWS::Logs::LogGroup", properties)
    draft.add(
        function_id(name),
        "AWS::Lambda::Function",
        {
            "Code": {"S3Bucket": "serverless-deployment", "S3Key": f"{draft.service}.zip"},
            "Handler": handler,
            "Runtime": runtime,
            "FunctionName": full_name,
            **_settings(draft, config),
            "Role": role_of(draft, config) or arn_of(ROLE),
        },
        DependsOn=[log_group] if with_logs else None,
        Condition=config.get("condition"),
    )
    if config.get("url"):
        _url(draft, name, config["url"])
    for key, why in _LATER.items():
        if config.get(key):
            draft.lose(f"{function_id(name)}.{key}", f"serverless {key}", why)
    _layers(draft, name, config.get("layers") or provider.get("layers"))
    return code


def _settings(draft: Draft, config: dict[str, Any]) -> dict[str, Any]:
    provider = draft.provider
    tags = {**mapping(provider.get("tags")), **mapping(config.get("tags"))}
    vpc = {**mapping(provider.get("vpc")), **mapping(config.get("vpc"))}
    tracing = config.get("tracing", mapping(provider.get("tracing")).get("lambda"))
    variables = {**mapping(provider.get("environment")), **mapping(config.get("environment"))}
    letters = config.get("onError")
    storage = config.get("ephemeralStorageSize")
    machine = config.get("architecture") or provider.get("architecture")
    return {
        "Description": config.get("description"),
        "MemorySize": config.get("memorySize") or provider.get("memorySize") or MEMORY,
        "Timeout": config.get("timeout") or provider.get("timeout") or TIMEOUT,
        "ReservedConcurrentExecutions": config.get("reservedConcurrency"),
        "Architectures": [machine] if machine else None,
        "EphemeralStorage": {"Size": storage} if storage else None,
        "KmsKeyArn": config.get("kmsKeyArn") or provider.get("kmsKeyArn"),
        "DeadLetterConfig": {"TargetArn": letters} if letters else None,
        "TracingConfig": {"Mode": "Active" if tracing is True else tracing} if tracing else None,
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()] or None,
        "Environment": {"Variables": {key: _word(each) for key, each in variables.items() if each is not None}}
        if variables
        else None,
        "VpcConfig": {
            "SecurityGroupIds": sequence_or_words(vpc.get("securityGroupIds")),
            "SubnetIds": sequence_or_words(vpc.get("subnetIds")),
        }
        if vpc
        else None,
    }


def sequence_or_words(value: Any) -> Any:
    """Return a list as it is, and so what CloudFormation makes a list of."""
    return value if isinstance(value, dict) else sequence(value)


def _word(value: Any) -> Any:
    """Return the value of a variable as the environment has it: as a text, if it is known by now."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def _url(draft: Draft, name: str, url: Any) -> None:
    given = mapping(url)
    private = given.get("authorizer") == "aws_iam"
    cors = given.get("cors")
    properties: dict[str, Any] = {
        "AuthType": "AWS_IAM" if private else "NONE",
        "TargetFunctionArn": arn_of(function_id(name)),
        "InvokeMode": given.get("invokeMode"),
    }
    if cors is True:
        properties["Cors"] = {
            "AllowOrigins": ["*"],
            "AllowMethods": ["*"],
            "AllowHeaders": ["Content-Type", "X-Amz-Date", "Authorization", "X-Api-Key", "X-Amz-Security-Token"],
        }
    elif isinstance(cors, dict):
        words = {
            "allowedOrigins": "AllowOrigins",
            "allowedHeaders": "AllowHeaders",
            "allowedMethods": "AllowMethods",
            "allowCredentials": "AllowCredentials",
            "exposedResponseHeaders": "ExposeHeaders",
            "maxAge": "MaxAge",
        }
        properties["Cors"] = {
            word: cors[key] if key in {"allowCredentials", "maxAge"} else sequence(cors[key])
            for key, word in words.items()
            if cors.get(key) is not None
        }
    draft.add(f"{function_id(name)}Url", "AWS::Lambda::Url", properties)
    if not private:
        more = {"Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"}
        draft.permit("FnUrl", name, "*", **more)


def _layers(draft: Draft, name: str, layers: Any) -> None:
    # A layer of the service itself is lost once, for all its functions.
    if any(not isinstance(layer, dict) or "Ref" not in layer for layer in sequence(layers)):
        why = "its layers are archives in somebody's account"
        draft.lose(f"{function_id(name)}.Layers", "serverless layers", why)


# Code


def _code(config: dict[str, Any], package: dict[str, Any], handler: str, runtime: str, folder: Path) -> str:
    own = mapping(config.get("package"))
    if artifact := own.get("artifact") or package.get("artifact"):
        path = _inside(text(artifact, "its artifact"))
        if not (folder / path).is_file():
            raise Cannot(f"its archive {shown(str(path))} has to be built first")
        return str(path)
    language = next((each for each in _SUFFIXES if runtime.startswith(each)), None)
    if language is None:
        raise Cannot(f"{shown(runtime)} runs what is compiled, and its archive has to be built first")
    for place in (".", config.get("module")):
        if isinstance(place, str) and _exists(folder / _inside(place), handler, _SUFFIXES[language]):
            return str(_inside(place))
    file = shown(handler.rpartition(".")[0] or handler)
    for suffix, name in _COMPILED.items():
        if _exists(folder, handler, (suffix,)):
            raise Cannot(f"its source {file}{suffix} is {name}, which has to be compiled first")
    raise Cannot(f"its source {file}{_SUFFIXES[language][0]} is not in the service's folder")


def _exists(folder: Path, handler: str, suffixes: tuple[str, ...]) -> bool:
    stem = handler.rpartition(".")[0]
    # Python's may be the dotted name of a module.
    stems = {stem, stem.replace(".", "/")} if ".py" in suffixes else {stem}
    return any((folder / _inside(f"{each}{suffix}")).is_file() for each in stems if each for suffix in suffixes)


def _inside(path: str) -> PurePosixPath:
    found = PurePosixPath(path)
    if found.is_absolute() or ".." in found.parts or "\0" in path:
        raise Cannot(f"{shown(path)} lies outside of the service's folder")
    return found


# The role


def role_of(draft: Draft, config: dict[str, Any]) -> Any:
    """Return the role that a function names itself or by its provider, None where it shares the service's own."""
    provider = draft.provider
    in_iam = mapping(provider.get("iam")).get("role")
    is_own = isinstance(in_iam, dict) and not any(key.startswith("Fn::") or key == "Ref" for key in in_iam)
    role = config.get("role") or provider.get("role") or (None if is_own else in_iam)
    if isinstance(role, str) and not role.startswith("arn:") and ":" not in role:
        return arn_of(role)
    if isinstance(role, dict) and "Ref" in role:
        return arn_of(role["Ref"]) if isinstance(role["Ref"], str) and role["Ref"] in draft.given else role
    return role


def shared_role(draft: Draft, *, in_network: bool) -> None:
    """Add the role of the functions that have none of their own, with all that was found they need."""
    role = mapping(mapping(draft.provider.get("iam")).get("role"))
    logs = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/lambda/"
    names = [draft.resources[function_id(name)]["Properties"]["FunctionName"] for name in draft.functions]
    prefix = f"{draft.service}-{draft.stage}"
    groups = [f"{logs}{name}:*" for name in names if not name.startswith(prefix)]
    groups += [f"{logs}{prefix}*:*"] if len(groups) < len(names) else []
    given = [*sequence(role.get("statements")), *sequence(draft.provider.get("iamRoleStatements"))]
    policies = [*sequence(role.get("managedPolicies")), *sequence(draft.provider.get("iamManagedPolicies"))]
    if in_network:
        policies.append({"Fn::Join": ["", ["arn:", ref("AWS::Partition"), _VPC_POLICY]]})
    statements = [
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:CreateLogGroup", "logs:TagResource"],
            "Resource": [{"Fn::Sub": group} for group in groups],
        },
        {"Effect": "Allow", "Action": ["logs:PutLogEvents"], "Resource": [{"Fn::Sub": f"{g}:*"} for g in groups]},
        *(statement for statement in given if isinstance(statement, dict)),
        *draft.statements,
    ]
    if mapping(draft.provider.get("tracing")).get("lambda"):
        traces = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
        statements.append({"Effect": "Allow", "Action": traces, "Resource": ["*"]})
    name = role.get("name") or {"Fn::Join": ["-", [*prefix_of(draft), ref("AWS::Region"), "lambdaRole"]]}
    draft.add(
        ROLE,
        "AWS::IAM::Role",
        {
            "AssumeRolePolicyDocument": _trust(draft),
            "Policies": [
                {
                    "PolicyName": {"Fn::Join": ["-", [*prefix_of(draft), "lambda"]]},
                    "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
                }
            ],
            "Path": role.get("path") or "/",
            "RoleName": name,
            "PermissionsBoundary": role.get("permissionsBoundary")
            or draft.provider.get("rolePermissionsBoundary"),
            "ManagedPolicyArns": policies or None,
            "Tags": [{"Key": key, "Value": value} for key, value in mapping(role.get("tags")).items()] or None,
        },
    )


def prefix_of(draft: Draft) -> list[str]:
    """Return the service and its stage, with which the names of what it shares begin."""
    return [draft.service, draft.stage]


def _trust(draft: Draft) -> dict[str, Any]:
    services = ["lambda.amazonaws.com"]
    if any(resource["Type"] == "AWS::Scheduler::Schedule" for resource in draft.resources.values()):
        services.append("scheduler.amazonaws.com")
    trusted = {"Effect": "Allow", "Principal": {"Service": services}, "Action": ["sts:AssumeRole"]}
    return {"Version": "2012-10-17", "Statement": [trusted]}
