from app import certificate_for, names, proof_needed, tags


def test_the_websites_certificate_covers_its_other_names(ssm, acm, outputs):
    certificate = certificate_for(ssm, acm, outputs["parameters"]["www"])
    domain = outputs["domain"]
    assert names(certificate) == {
        f"www.{domain}",
        f"rehearsals.{domain}",
        f"tickets.{domain}",
    }
    assert certificate["CertificateArn"] == outputs["certificate_arns"]["www"]


def test_each_name_has_a_proof_of_its_own(ssm, acm, outputs):
    certificate = certificate_for(ssm, acm, outputs["parameters"]["www"])
    proof = proof_needed(certificate)
    assert set(proof) == names(certificate)
    assert len(set(proof.values())) == 3


def test_the_members_site_shares_no_certificate_with_the_public(ssm, acm, outputs):
    certificate = certificate_for(ssm, acm, outputs["parameters"]["members"])
    assert names(certificate) == {"members." + outputs["domain"]}
    assert certificate["Type"] == "AMAZON_ISSUED"


def test_the_old_servers_certificate_is_the_imported_one(ssm, acm, outputs):
    certificate = certificate_for(ssm, acm, outputs["parameters"]["old-server"])
    assert certificate["Type"] == "IMPORTED"
    assert certificate["DomainName"] == "old." + outputs["domain"]
    body = acm.get_certificate(CertificateArn=outputs["old_server_arn"])["Certificate"]
    assert body.startswith("-----BEGIN CERTIFICATE-----")


def test_certificates_can_be_told_apart_by_their_tags(acm, outputs):
    for site, arn in outputs["certificate_arns"].items():
        assert tags(acm, arn) == {"Choir": "cantus-novus", "Site": site}


def test_a_tag_can_be_added_and_removed(acm, outputs):
    arn, tag = outputs["certificate_arns"]["members"], {"Key": "Renew", "Value": "yes"}
    acm.add_tags_to_certificate(CertificateArn=arn, Tags=[tag])
    assert tags(acm, arn)["Renew"] == "yes"
    acm.remove_tags_from_certificate(CertificateArn=arn, Tags=[tag])
    assert "Renew" not in tags(acm, arn)
