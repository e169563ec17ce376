"""Ask a network who can reach whom."""


class Network:
    def __init__(self, ec2, vpc_id):
        self.ec2 = ec2
        self.vpc_id = vpc_id

    def subnets(self, tier):
        reply = self.ec2.describe_subnets(
            Filters=[
                {"Name": "vpc-id", "Values": [self.vpc_id]},
                {"Name": "tag:Tier", "Values": [tier]},
            ]
        )
        return reply["Subnets"]

    def way_out(self, subnet_id):
        """The gateway to which a subnet sends what is not for the network; or None."""
        reply = self.ec2.describe_route_tables(
            Filters=[{"Name": "association.subnet-id", "Values": [subnet_id]}]
        )
        [table] = reply["RouteTables"]
        for route in table["Routes"]:
            if route.get("DestinationCidrBlock") == "0.0.0.0/0":
                return route.get("GatewayId")
        return None

    def admitted(self, group_id):
        """(port, who) of all connections that a security group lets in."""
        [group] = self.ec2.describe_security_groups(GroupIds=[group_id])[
            "SecurityGroups"
        ]
        found = set()
        for permission in group["IpPermissions"]:
            sources = [r["CidrIp"] for r in permission.get("IpRanges", [])]
            sources += [p["GroupId"] for p in permission.get("UserIdGroupPairs", [])]
            found |= {(permission["FromPort"], source) for source in sources}
        return found
