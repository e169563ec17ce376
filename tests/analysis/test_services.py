"""The table of services covers every type, and names services as botocore does."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from pytest_lsqm.analysis import services

LISTED = Path(__file__).parents[3] / "shared" / "aws-resource-types.tsv"
"""The types of provider 6.62.0, where the project's shared folder lies beside the checkout."""

COMPUTED = {
    "aws_apprunner_hosted_zone_id",
    "aws_arn",
    "aws_billing_service_account",
    "aws_cloudfront_log_delivery_canonical_user_id",
    "aws_cloudtrail_service_account",
    "aws_cloudwatch_log_data_protection_policy_document",
    "aws_default_tags",
    "aws_ecr_lifecycle_policy_document",
    "aws_elastic_beanstalk_hosted_zone",
    "aws_elb_hosted_zone_id",
    "aws_elb_service_account",
    "aws_iam_policy_document",
    "aws_ip_ranges",
    "aws_lb_hosted_zone_id",
    "aws_networkmanager_core_network_policy_document",
    "aws_partition",
    "aws_redshift_service_account",
    "aws_region",
    "aws_route53_traffic_policy_document",
    "aws_sagemaker_prebuilt_ecr_image",
    "aws_service",
    "aws_service_principal",
}

REMOVED = [
    "aws_db_security_group",
    "aws_elasticache_security_group",
    "aws_macie_member_account_association",
    "aws_macie_s3_bucket_association",
    "aws_opsworks_application",
    "aws_opsworks_custom_layer",
    "aws_opsworks_ganglia_layer",
    "aws_opsworks_haproxy_layer",
    "aws_opsworks_instance",
    "aws_opsworks_java_app_layer",
    "aws_opsworks_memcached_layer",
    "aws_opsworks_mysql_layer",
    "aws_opsworks_nodejs_app_layer",
    "aws_opsworks_permission",
    "aws_opsworks_php_app_layer",
    "aws_opsworks_rails_app_layer",
    "aws_opsworks_rds_db_instance",
    "aws_opsworks_stack",
    "aws_opsworks_static_web_layer",
    "aws_opsworks_user_profile",
    "aws_redshift_security_group",
    "aws_redshift_service_account",
    "aws_simpledb_domain",
    "aws_subnet_ids",
    "aws_worklink_fleet",
    "aws_worklink_website_certificate_authority_association",
]
"""The types of providers 2.70.0 and 3.39.0 that 6.62.0 no longer has."""


def test_every_service_is_named_as_botocore_names_it() -> None:
    session = pytest.importorskip("botocore.session").Session()
    real = set(session.get_available_services())
    named = {service for service in services.table().values() if service}
    assert named - real == services.RETIRED


@pytest.mark.skipif(not LISTED.exists(), reason="the list of the provider's types is not at hand")
def test_every_type_of_the_newest_provider_and_nothing_invented_is_in_the_table() -> None:
    rows = [line.split("\t") for line in LISTED.read_text().splitlines()[1:]]
    assert set(services.table()) == {row[0] for row in rows} | set(REMOVED)


@pytest.mark.skipif(not LISTED.exists(), reason="the list of the provider's types is not at hand")
def test_a_resource_always_belongs_to_a_service() -> None:
    rows = [line.split("\t") for line in LISTED.read_text().splitlines()[1:]]
    made = {name for name, kind, _ in rows if kind == "resource"}
    assert all(services.table()[name] for name in made)


def test_types_that_were_removed_from_the_provider_are_known() -> None:
    assert services.unknown(REMOVED) == ()


def test_only_what_the_provider_computes_by_itself_has_no_service() -> None:
    assert {name for name, service in services.table().items() if service is None} == COMPUTED


def test_no_type_is_listed_twice_and_the_rows_are_sorted() -> None:
    text = resources.files("pytest_lsqm.analysis").joinpath("services.tsv").read_text(encoding="utf-8")
    names = [line.split("\t")[0] for line in text.splitlines() if not line.startswith("#")]
    assert names == sorted(set(names))


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("aws_route53_record", "route53"),
        ("aws_route53_resolver_rule", "route53resolver"),
        ("aws_cloudwatch_event_rule", "events"),
        ("aws_cloudwatch_log_group", "logs"),
        ("aws_cloudwatch_query_definition", "logs"),
        ("aws_cloudwatch_metric_alarm", "cloudwatch"),
        ("aws_lb", "elbv2"),
        ("aws_alb_listener", "elbv2"),
        ("aws_elb", "elb"),
        ("aws_lb_cookie_stickiness_policy", "elb"),
        ("aws_efs_file_system", "efs"),
        ("aws_cognito_user_pool", "cognito-idp"),
        ("aws_cognito_identity_pool", "cognito-identity"),
        ("aws_cognito_identity_provider", "cognito-idp"),
        ("aws_elasticache_cluster", "elasticache"),
        ("aws_wafv2_web_acl", "wafv2"),
        ("aws_wafregional_web_acl", "waf-regional"),
        ("aws_cloudfront_distribution", "cloudfront"),
        ("aws_pipes_pipe", "pipes"),
        ("aws_scheduler_schedule", "scheduler"),
        ("aws_sfn_state_machine", "stepfunctions"),
        ("aws_vpc", "ec2"),
        ("aws_ebs_volume", "ec2"),
        ("aws_launch_configuration", "autoscaling"),
        ("aws_appautoscaling_target", "application-autoscaling"),
        ("aws_kinesis_firehose_delivery_stream", "firehose"),
        ("aws_kinesisanalyticsv2_application", "kinesisanalyticsv2"),
        ("aws_s3_access_point", "s3control"),
        ("aws_s3_account_public_access_block", "s3control"),
        ("aws_s3control_bucket", "s3control"),
        ("aws_ses_template", "ses"),
        ("aws_sesv2_email_identity", "sesv2"),
        ("aws_db_instance", "rds"),
        ("aws_docdb_cluster", "docdb"),
        ("aws_neptune_cluster", "neptune"),
        ("aws_elasticsearch_domain", "es"),
        ("aws_opensearch_domain", "opensearch"),
        ("aws_api_gateway_rest_api", "apigateway"),
        ("aws_apigatewayv2_api", "apigatewayv2"),
        ("aws_msk_cluster", "kafka"),
        ("aws_service_discovery_service", "servicediscovery"),
        ("aws_caller_identity", "sts"),
        ("aws_canonical_user_id", "s3"),
    ],
)
def test_a_type_belongs_to_the_service_whose_api_it_calls(name: str, service: str) -> None:
    assert services.services_of([name]) == (service,)


def test_an_unknown_type_is_reported_and_guesses_no_service() -> None:
    types = ["aws_s3_bucket", "aws_s3_bukket", "random_id"]
    assert services.unknown(types) == ("aws_s3_bukket",)
    assert services.services_of(types) == ("s3",)
