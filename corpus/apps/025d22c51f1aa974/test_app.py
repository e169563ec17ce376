def test_each_tier_has_a_subnet_in_both_zones(network, outputs):
    for tier, expected in outputs["subnet_ids"].items():
        subnets = network.subnets(tier)
        assert {subnet["SubnetId"] for subnet in subnets} == set(expected)
        zones = {subnet["AvailabilityZone"][-1] for subnet in subnets}
        assert zones == {"a", "b"}


def test_no_two_subnets_overlap(network, outputs):
    blocks = [
        s["CidrBlock"] for tier in outputs["subnet_ids"] for s in network.subnets(tier)
    ]
    assert sorted(blocks) == [
        f"10.40.{n}.0/24" for n in ("0", "1", "10", "11", "20", "21")
    ]


def test_only_the_public_tier_reaches_the_internet(network, outputs):
    for tier, subnet_ids in outputs["subnet_ids"].items():
        gateway = outputs["internet_gateway_id"] if tier == "public" else None
        assert {network.way_out(subnet) for subnet in subnet_ids} == {gateway}


def test_each_tier_admits_the_one_before_it_only(network, outputs):
    groups = outputs["security_group_ids"]
    assert network.admitted(groups["web"]) == {(80, "0.0.0.0/0"), (443, "0.0.0.0/0")}
    assert network.admitted(groups["application"]) == {(8080, groups["web"])}
    assert network.admitted(groups["data"]) == {(5432, groups["application"])}


def test_a_visitor_can_be_let_in_and_sent_away(network, ec2, outputs):
    group = outputs["security_group_ids"]["data"]
    visitor = {
        "IpProtocol": "tcp",
        "FromPort": 5432,
        "ToPort": 5432,
        "IpRanges": [{"CidrIp": "192.0.2.7/32"}],
    }
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[visitor])
    try:
        assert (5432, "192.0.2.7/32") in network.admitted(group)
    finally:
        ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[visitor])
    assert (5432, "192.0.2.7/32") not in network.admitted(group)


def test_private_tiers_reach_s3_by_an_endpoint(ec2, outputs):
    [endpoint] = ec2.describe_vpc_endpoints(VpcEndpointIds=[outputs["endpoint_id"]])[
        "VpcEndpoints"
    ]
    assert endpoint["VpcId"] == outputs["vpc_id"]
    assert endpoint["ServiceName"] == f"com.amazonaws.{ec2.meta.region_name}.s3"
    assert len(endpoint["RouteTableIds"]) == 2


def test_rejected_traffic_is_logged(ec2, logs, outputs):
    [flow_log] = ec2.describe_flow_logs(
        Filters=[{"Name": "resource-id", "Values": [outputs["vpc_id"]]}]
    )["FlowLogs"]
    assert flow_log["TrafficType"] == "REJECT"
    groups = logs.describe_log_groups(logGroupNamePrefix=outputs["flow_log_group"])
    assert [group["retentionInDays"] for group in groups["logGroups"]] == [7]
