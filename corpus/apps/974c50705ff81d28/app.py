"""What the tests do with it: A cider press's CloudFormation stacks inside Terraform:
one per orchard rendered from a list of apples, a market stack that nests another
by URL and is fed their outputs, all of which Terraform files in Parameter Store."""


def agrees(found, wanted):
    """Whether an answer says all that is wanted; it may say more, and lists in any
    order."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(
            agrees(found.get(name), value) for name, value in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(found, list)
            and len(found) == len(wanted)
            and all(any(agrees(part, value) for part in found) for value in wanted)
        )
    return found == wanted


def below(ssm, path):
    """The values of all parameters below a path, by their names."""
    pages = ssm.get_paginator("get_parameters_by_path").paginate(
        Path=path, Recursive=True, WithDecryption=True
    )
    return {it["Name"]: it["Value"] for page in pages for it in page["Parameters"]}


def part(found, wanted):
    """What an answer says of the names that are wanted; lists of names in order."""
    told = {name: found.get(name) for name in wanted}
    for name, value in told.items():
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            told[name] = sorted(value)
    return told


def remove_object(s3, bucket, key):
    """Delete an object for good, with all of its versions."""
    s3.delete_object(Bucket=bucket, Key=key)
    listed = s3.list_object_versions(Bucket=bucket, Prefix=key)
    for it in [*listed.get("Versions", []), *listed.get("DeleteMarkers", [])]:
        s3.delete_object(Bucket=bucket, Key=key, VersionId=it["VersionId"])


def stack_resources(cloudformation, stack):
    """The resources of a stack: the id that each has in the template, and its state."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(
        StackName=stack
    )
    return {
        found["LogicalResourceId"]: found["ResourceStatus"]
        for page in pages
        for found in page["StackResourceSummaries"]
    }
