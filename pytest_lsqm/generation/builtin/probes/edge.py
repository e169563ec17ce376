"""What stands between callers and an application: users, firewalls, distributions, registries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lsqm.generation.builtin.probes.asking import by_id, compared, settings, written
from pytest_lsqm.generation.builtin.registry import probe
from pytest_lsqm.generation.builtin.writing import helper

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World
    from pytest_lsqm.generation.builtin.writing import Test

helper('''
def new_user(cognito_idp, pool, name, password):
    """Make a user of a pool who may sign in with this password at once."""
    cognito_idp.admin_create_user(
        UserPoolId=pool["id"], Username=name, MessageAction="SUPPRESS"
    )
    cognito_idp.admin_set_user_password(
        UserPoolId=pool["id"], Username=name, Password=password, Permanent=True
    )
''')

helper('''
def sign_in(cognito_idp, client, flow, name, password):
    """Sign a user in: the tokens, or the code of the refusal."""
    call = {
        "ClientId": client["id"],
        "AuthFlow": flow,
        "AuthParameters": {"USERNAME": name, "PASSWORD": password},
    }
    try:
        if flow.startswith("ADMIN"):
            answer = cognito_idp.admin_initiate_auth(UserPoolId=client["user_pool_id"], **call)
        else:
            answer = cognito_idp.initiate_auth(**call)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return answer.get("AuthenticationResult")
''')

FLOWS = {
    "ALLOW_ADMIN_USER_PASSWORD_AUTH": "ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_USER_PASSWORD_AUTH": "USER_PASSWORD_AUTH",
    "USER_PASSWORD_AUTH": "USER_PASSWORD_AUTH",
}
"""What a client may allow, and the flow in which users then sign in with their password."""

STRONG = "f'Aa1!{uuid4()}'"
"""An expression for a password that any policy takes."""


def _name(pool: Resource) -> str | None:
    """An expression for the name of a new user; None where a pool wants to know more of its users."""
    attributes: Any = pool.attributes
    needed = {s.get("name") for s in attributes.get("schema") or () if s.get("required")}
    if needed - {"email"}:
        return None
    by_mail = "email" in (attributes.get("username_attributes") or ()) or needed
    return "f'{uuid4()}@example.com'" if by_mail else "f'user-{uuid4()}'"


@probe("aws_cognito_user_pool")
def user_pool(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a pool takes users once, with passwords as strong as was asked, and forgets them."""
    name = _name(it)
    wanted = settings(it, world, {"Name": "name", "MfaConfiguration": "mfa_configuration"})
    yield written(
        "user_pool_{}_is_as_it_was_asked_to_be",
        it,
        world,
        f"pool = {world.ref(it)}",
        'found = cognito_idp.describe_user_pool(UserPoolId=pool["id"])["UserPool"]',
        *compared(wanted),
    )
    needs_mail = any(s.get("name") == "email" and s.get("required") for s in it.attributes.get("schema") or ())
    if name is None or needs_mail:
        return
    yield written(
        "user_pool_{}_takes_a_user_once",
        it,
        world,
        f"pool, name = {world.ref(it)}, {name}",
        f"new_user(cognito_idp, pool, name, {STRONG})",
        "try:",
        "    found = cognito_idp.admin_get_user(UserPoolId=pool['id'], Username=name)",
        "    assert found['UserStatus'] == 'CONFIRMED'",
        "    with pytest.raises(ClientError, match='UsernameExistsException'):",
        f"        new_user(cognito_idp, pool, name, {STRONG})",
        "finally:",
        "    cognito_idp.admin_delete_user(UserPoolId=pool['id'], Username=name)",
    )


@probe("aws_cognito_user_pool_client")
def pool_client(it: Resource, world: World) -> Iterator[Test]:
    """Yield that users sign in through a client with their password, and with no other."""
    attributes: Any = it.attributes
    pool = by_id(world, attributes.get("user_pool_id"), "aws_cognito_user_pool")
    asked = settings(it, world, {"ClientName": "name", "ExplicitAuthFlows": "explicit_auth_flows"})
    yield written(
        "pool_client_{}_is_as_it_was_asked_to_be",
        it,
        world,
        f"client = {world.ref(it)}",
        "answer = cognito_idp.describe_user_pool_client(",
        '    UserPoolId=client["user_pool_id"], ClientId=client["id"]',
        ")",
        'found = answer["UserPoolClient"]',
        *compared(asked),
        near=pool,
    )
    # The flow for administrators comes first: its calls are signed, and so of an account.
    flows = attributes.get("explicit_auth_flows") or ()
    flow = next((name for allowed, name in FLOWS.items() if allowed in flows), None)
    name = _name(pool) if pool else None
    if (
        pool is None
        or name is None
        or flow is None
        or attributes.get("generate_secret")
        or pool.attributes.get("mfa_configuration") == "ON"
        or any(s.get("name") == "email" and s.get("required") for s in pool.attributes.get("schema") or ())
    ):
        return
    yield written(
        "users_sign_in_through_{}_with_their_own_password_only",
        it,
        world,
        f"pool, client = {world.ref(pool)}, {world.ref(it)}",
        f"flow, name, password = {flow!r}, {name}, {STRONG}",
        "new_user(cognito_idp, pool, name, password)",
        "try:",
        "    assert sign_in(cognito_idp, client, flow, name, password)['AccessToken']",
        "    refused = sign_in(cognito_idp, client, flow, name, password + '?')",
        "    assert refused == 'NotAuthorizedException'",
        "finally:",
        "    cognito_idp.admin_delete_user(UserPoolId=pool['id'], Username=name)",
        near=pool,
    )


@probe("aws_wafv2_ip_set", "aws_wafv2_regex_pattern_set", "aws_wafv2_web_acl", "aws_wafv2_rule_group")
def firewall(it: Resource, world: World) -> Iterator[Test]:
    """Yield which addresses, patterns or rules a firewall of the web goes by."""
    kind = it.type.removeprefix("aws_wafv2_")
    member = {"ip_set": "IPSet", "regex_pattern_set": "RegexPatternSet", "web_acl": "WebACL"}.get(
        kind, "RuleGroup"
    )
    lines = [
        f"it = {world.ref(it)}",
        f"answer = wafv2.get_{kind}(Name=it['name'], Scope=it['scope'], Id=it['id'])",
        f"found = answer[{member!r}]",
        *compared(settings(it, world, {"Description": "description", "IPAddressVersion": "ip_address_version"})),
    ]
    attributes: Any = it.attributes
    if kind == "ip_set":
        lines.append("assert sorted(found['Addresses']) == sorted(it['addresses'])")
    elif kind == "regex_pattern_set":
        lines += [
            "patterns = sorted(regex['RegexString'] for regex in found['RegularExpressionList'])",
            "wanted = sorted(regex['regex_string'] for regex in it['regular_expression'])",
            "assert patterns == wanted",
        ]
    else:
        rules = sorted((rule["priority"], rule["name"]) for rule in attributes.get("rule") or ())
        lines += [
            "rules = sorted((rule['Priority'], rule['Name']) for rule in found.get('Rules', []))",
            f"assert rules == {rules!r}",
        ]
        if kind == "web_acl":
            default: Any = (attributes.get("default_action") or [{}])[0]
            lines.append(
                f"assert list(found['DefaultAction']) == [{'Block' if default.get('block') else 'Allow'!r}]"
            )
    yield written(f"{kind}_{{}}_goes_by_what_was_asked", it, world, *lines)


@probe("aws_cloudfront_distribution")
def distribution(it: Resource, world: World) -> Iterator[Test]:
    """Yield from where a distribution has what it gives out, and whether it is on."""
    wanted = settings(
        it,
        world,
        {
            "Comment": "comment",
            "Enabled": "enabled",
            "DefaultRootObject": "default_root_object",
            "PriceClass": "price_class",
        },
    )
    yield written(
        "distribution_{}_has_its_origins",
        it,
        world,
        f"distribution = {world.ref(it)}",
        "answer = cloudfront.get_distribution(Id=distribution['id'])['Distribution']",
        "assert answer['DomainName'] == distribution['domain_name']",
        "found = answer['DistributionConfig']",
        *compared(wanted),
        "origins = {o['Id']: o['DomainName'] for o in found['Origins']['Items']}",
        "wanted = {o['origin_id']: o['domain_name'] for o in distribution['origin']}",
        "assert origins == wanted",
        "behaviour = found['DefaultCacheBehavior']",
        "asked = distribution['default_cache_behavior'][0]",
        "assert behaviour['TargetOriginId'] == asked['target_origin_id']",
        "assert behaviour['ViewerProtocolPolicy'] == asked['viewer_protocol_policy']",
    )


helper('''
def registered(servicediscovery, service_id, identifier, seconds=20):
    """The attributes of an instance once its service lists it; None if it does not."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = servicediscovery.list_instances(ServiceId=service_id)
        for found in answer["Instances"]:
            if found["Id"] == identifier:
                return found["Attributes"]
        time.sleep(0.5)
    return None
''')


@probe("aws_service_discovery_service")
def discovery(it: Resource, world: World) -> Iterator[Test]:
    """Yield that an instance that is registered with a service is listed with its address."""
    if it.attributes.get("health_check_config"):
        return  # an instance that nobody answers for might be taken away again
    yield written(
        "service_{}_lists_the_instances_of_its_own",
        it,
        world,
        f"service = {world.ref(it)}",
        "identifier = str(uuid4())",
        "servicediscovery.register_instance(",
        "    ServiceId=service['id'],",
        "    InstanceId=identifier,",
        "    Attributes={'AWS_INSTANCE_IPV4': '192.0.2.7', 'AWS_INSTANCE_PORT': '80'},",
        ")",
        "try:",
        "    found = registered(servicediscovery, service['id'], identifier)",
        "    assert found['AWS_INSTANCE_IPV4'] == '192.0.2.7'",
        "finally:",
        "    servicediscovery.deregister_instance(",
        "        ServiceId=service['id'], InstanceId=identifier",
        "    )",
    )
