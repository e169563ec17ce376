"""Which certificate covers which name."""


def certificate_for(ssm, acm, parameter):
    """The certificate that a web server finds under its parameter."""
    arn = ssm.get_parameter(Name=parameter)["Parameter"]["Value"]
    return acm.describe_certificate(CertificateArn=arn)["Certificate"]


def names(certificate):
    return {certificate["DomainName"], *certificate["SubjectAlternativeNames"]}


def proof_needed(certificate):
    """Name to the CNAME record that proves its ownership."""
    return {
        option["DomainName"]: option["ResourceRecord"]["Name"].rstrip(".")
        for option in certificate["DomainValidationOptions"]
    }


def tags(acm, arn):
    reply = acm.list_tags_for_certificate(CertificateArn=arn)
    return {tag["Key"]: tag["Value"] for tag in reply["Tags"]}
