"""Read a hosted zone the way a name server answers from it."""


def lookup(route53, zone_id, name, kind):
    """The values and weights of all records with this name and type."""
    pages = route53.get_paginator("list_resource_record_sets").paginate(
        HostedZoneId=zone_id
    )
    found = {}
    for page in pages:
        for record in page["ResourceRecordSets"]:
            if (record["Name"].rstrip("."), record["Type"]) == (name, kind):
                values = tuple(r["Value"] for r in record["ResourceRecords"])
                found[values] = record.get("Weight")
    return found


def point(route53, zone_id, name, address, action="UPSERT"):
    """Let a name point to an address, or stop it from doing so."""
    record = {
        "Name": name,
        "Type": "A",
        "TTL": 60,
        "ResourceRecords": [{"Value": address}],
    }
    route53.change_resource_record_sets(
        HostedZoneId=zone_id,
        ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": record}]},
    )
