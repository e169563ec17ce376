"""Databases, caches and file systems: one would put data in by their own protocols; here, all must be as asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_lsqm.generation.builtin.probes.making import made, settings, subset
from pytest_lsqm.generation.builtin.registry import probe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World
    from pytest_lsqm.generation.builtin.writing import Test


@dataclass(frozen=True)
class Described:
    """How a kind of resource is described: the call, where in its answer, and its settings by attribute."""

    call: str
    """With `it` for the resource's attributes."""
    names: Mapping[str, str] = field(default_factory=dict)
    more: tuple[str, ...] = ()
    """Lines that compare `found` with `it` in other ways."""


SUBNETS = 'assert {subnet["SubnetIdentifier"] for subnet in found["Subnets"]} == set(it["subnet_ids"])'
GROUPS = (
    "groups = {one['VpcSecurityGroupId'] for one in found['VpcSecurityGroups']}\n"
    "assert groups == set(it['vpc_security_group_ids'])"
)
DATABASE = {
    "engine": "Engine",
    "instance_class": "DBInstanceClass",
    "allocated_storage": "AllocatedStorage",
    "name": "DBName",
    "db_name": "DBName",
    "username": "MasterUsername",
    "multi_az": "MultiAZ",
    "storage_type": "StorageType",
    "storage_encrypted": "StorageEncrypted",
    "backup_retention_period": "BackupRetentionPeriod",
    "deletion_protection": "DeletionProtection",
    "publicly_accessible": "PubliclyAccessible",
}
CLUSTER = {
    "engine": "Engine",
    "database_name": "DatabaseName",
    "master_username": "MasterUsername",
    "storage_encrypted": "StorageEncrypted",
    "backup_retention_period": "BackupRetentionPeriod",
    "deletion_protection": "DeletionProtection",
    "port": "Port",
}
WAREHOUSE = {
    "node_type": "NodeType",
    "database_name": "DBName",
    "master_username": "MasterUsername",
    "cluster_subnet_group_name": "ClusterSubnetGroupName",
    "encrypted": "Encrypted",
    "publicly_accessible": "PubliclyAccessible",
    "automated_snapshot_retention_period": "AutomatedSnapshotRetentionPeriod",
    "preferred_maintenance_window": "PreferredMaintenanceWindow",
    "number_of_nodes": "NumberOfNodes",
}

DESCRIBED = {
    "aws_db_instance": Described(
        'rds.describe_db_instances(DBInstanceIdentifier=it["identifier"])["DBInstances"][0]',
        DATABASE,
        (
            'assert found["DBInstanceStatus"] == "available"',
            'assert (found["Endpoint"]["Address"], found["Endpoint"]["Port"]) == (it["address"], it["port"])',
        ),
    ),
    "aws_rds_cluster": Described(
        'rds.describe_db_clusters(DBClusterIdentifier=it["cluster_identifier"])["DBClusters"][0]',
        CLUSTER,
        ('assert found["Status"] == "available"', 'assert found["Endpoint"] == it["endpoint"]'),
    ),
    "aws_rds_cluster_instance": Described(
        'rds.describe_db_instances(DBInstanceIdentifier=it["identifier"])["DBInstances"][0]',
        {"engine": "Engine", "instance_class": "DBInstanceClass"},
        ('assert found["DBClusterIdentifier"] == it["cluster_identifier"]',),
    ),
    "aws_db_subnet_group": Described(
        'rds.describe_db_subnet_groups(DBSubnetGroupName=it["name"])["DBSubnetGroups"][0]',
        {"description": "DBSubnetGroupDescription"},
        (SUBNETS,),
    ),
    "aws_redshift_cluster": Described(
        'redshift.describe_clusters(ClusterIdentifier=it["cluster_identifier"])["Clusters"][0]',
        WAREHOUSE,
        (
            'assert found["ClusterStatus"] == "available"',
            'assert found["Endpoint"]["Port"] == it["port"]',
            GROUPS,
        ),
    ),
    "aws_redshift_subnet_group": Described(
        'redshift.describe_cluster_subnet_groups(ClusterSubnetGroupName=it["name"])["ClusterSubnetGroups"][0]',
        {"description": "Description"},
        (SUBNETS,),
    ),
    "aws_elasticache_cluster": Described(
        'elasticache.describe_cache_clusters(CacheClusterId=it["cluster_id"])["CacheClusters"][0]',
        {"engine": "Engine", "node_type": "CacheNodeType", "num_cache_nodes": "NumCacheNodes"},
        ('assert found["CacheClusterStatus"] == "available"',),
    ),
    "aws_elasticache_replication_group": Described(
        'elasticache.describe_replication_groups(ReplicationGroupId=it["id"])["ReplicationGroups"][0]',
        {
            "replication_group_description": "Description",
            "description": "Description",
            "node_type": "CacheNodeType",
            "at_rest_encryption_enabled": "AtRestEncryptionEnabled",
            "transit_encryption_enabled": "TransitEncryptionEnabled",
        },
        ('assert found["Status"] == "available"',),
    ),
    "aws_elasticache_subnet_group": Described(
        'elasticache.describe_cache_subnet_groups(CacheSubnetGroupName=it["name"])["CacheSubnetGroups"][0]',
        {"description": "CacheSubnetGroupDescription"},
        (SUBNETS,),
    ),
    "aws_efs_file_system": Described(
        'efs.describe_file_systems(FileSystemId=it["id"])["FileSystems"][0]',
        {"encrypted": "Encrypted", "performance_mode": "PerformanceMode", "throughput_mode": "ThroughputMode"},
        ('assert found["LifeCycleState"] == "available"',),
    ),
    "aws_efs_mount_target": Described(
        'efs.describe_mount_targets(MountTargetId=it["id"])["MountTargets"][0]',
        {},
        ('assert (found["FileSystemId"], found["SubnetId"]) == (it["file_system_id"], it["subnet_id"])',),
    ),
    "aws_efs_access_point": Described(
        'efs.describe_access_points(AccessPointId=it["id"])["AccessPoints"][0]',
        {},
        (
            'assert found["FileSystemId"] == it["file_system_id"]',
            'assert found["RootDirectory"]["Path"] == it["root_directory"][0]["path"]',
        ),
    ),
}


@probe(*DESCRIBED)
def described(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a resource is ready and as was asked."""
    how = DESCRIBED[it.type]
    wanted = settings(it, world, how.names)
    noun = it.type.removeprefix("aws_")
    lines = [
        f"it = {world.ref(it)}",
        f"found = {how.call}",
        *([subset("found", wanted)] if wanted else []),
        *(how.more or ([] if wanted else ["assert found"])),
    ]
    yield made(f"{noun}_{{}}_is_as_asked", "\n".join(lines), it, world)


PARAMETERS = {
    "aws_db_parameter_group": ("rds", "describe_db_parameters", "DBParameterGroupName"),
    "aws_rds_cluster_parameter_group": ("rds", "describe_db_cluster_parameters", "DBClusterParameterGroupName"),
    "aws_redshift_parameter_group": ("redshift", "describe_cluster_parameters", "ParameterGroupName"),
    "aws_elasticache_parameter_group": ("elasticache", "describe_cache_parameters", "CacheParameterGroupName"),
}
GROUP_CALLS = {
    "aws_db_parameter_group": ("describe_db_parameter_groups", "DBParameterGroups", "DBParameterGroupFamily"),
    "aws_rds_cluster_parameter_group": (
        "describe_db_cluster_parameter_groups",
        "DBClusterParameterGroups",
        "DBParameterGroupFamily",
    ),
    "aws_redshift_parameter_group": (
        "describe_cluster_parameter_groups",
        "ParameterGroups",
        "ParameterGroupFamily",
    ),
    "aws_elasticache_parameter_group": (
        "describe_cache_parameter_groups",
        "CacheParameterGroups",
        "CacheParameterGroupFamily",
    ),
}


@probe(*PARAMETERS)
def parameters(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a group is for the engine asked for, and sets what was asked."""
    client, call, name = PARAMETERS[it.type]
    groups, member, family = GROUP_CALLS[it.type]
    yield made(
        "parameter_group_{}_is_for_its_engine",
        f"""
        it = {world.ref(it)}
        (found,) = {client}.{groups}({name}=it["name"])[{member!r}]
        assert found[{family!r}] == it["family"]
        """,
        it,
        world,
    )
    asked = world.asked(it, "parameter") or []
    wanted = {one["name"]: one["value"] for one in asked if one.get("name") and one.get("value")}
    if wanted:
        yield made(
            "parameter_group_{}_sets_what_was_asked",
            f"""
            pages = {client}.get_paginator({call!r}).paginate({name}={world.ref(it)}["name"])
            found = {{
                one["ParameterName"]: one.get("ParameterValue")
                for page in pages
                for one in page["Parameters"]
            }}
            {subset("found", wanted)}
            """,
            it,
            world,
        )
