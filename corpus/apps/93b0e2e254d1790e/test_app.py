"""The organization of a university: units in two levels, service control policies
attached where they count, and GuardDuty with filters that quieten known noise."""

import pytest

from app import holding


@pytest.mark.parametrize(
    "address",
    [
        'aws_guardduty_filter.noise["but-not-by-robots"]',
        'aws_guardduty_filter.noise["but-not-in-examinations"]',
    ],
)
def test_every_guardduty_filter_reads_back(guardduty, deployed, address):
    it = deployed[address]
    answer = guardduty.get_filter(DetectorId=it["detector_id"], FilterName=it["name"])
    found = holding(answer, it["name"])
    assert found.get("Action") == it["action"]
    assert found.get("Rank") == it["rank"]


def test_organizations_organization_university_reads_back(organizations, deployed):
    it = deployed["aws_organizations_organization.university"]
    answer = organizations.describe_organization()
    found = holding(answer, it["arn"])
    assert found.get("FeatureSet") == it["feature_set"]
    assert found.get("Id") == it["id"]
    assert found.get("MasterAccountArn") == it["master_account_arn"]
    assert found.get("MasterAccountEmail") == it["master_account_email"]
    assert found.get("MasterAccountId") == it["master_account_id"]


@pytest.mark.parametrize(
    "address",
    [
        'aws_organizations_organizational_unit.faculty["arts/music"]',
        'aws_organizations_organizational_unit.faculty["science/botany"]',
        'aws_organizations_organizational_unit.faculty["science/physics"]',
        'aws_organizations_organizational_unit.school["arts"]',
        'aws_organizations_organizational_unit.school["library"]',
        'aws_organizations_organizational_unit.school["science"]',
    ],
)
def test_every_organizations_organizational_unit_reads_back(
    organizations, deployed, address
):
    it = deployed[address]
    answer = organizations.describe_organizational_unit(OrganizationalUnitId=it["id"])
    found = holding(answer, it["arn"])
    assert found.get("Id") == it["id"]
    assert found.get("Name") == it["name"]


@pytest.mark.parametrize(
    "address",
    [
        'aws_organizations_policy.this["keep-the-trail"]',
        'aws_organizations_policy.this["no-large-machines"]',
        'aws_organizations_policy.this["stay-in-europe"]',
    ],
)
def test_every_organizations_policy_reads_back(organizations, deployed, address):
    it = deployed[address]
    answer = organizations.describe_policy(PolicyId=it["id"])
    found = holding(answer, it["arn"])
    assert found.get("Description") == it["description"]
    assert found.get("Id") == it["id"]
    assert found.get("Name") == it["name"]
    assert found.get("Type") == it["type"]
