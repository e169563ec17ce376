provider "aws" {
  region = var.region
}

locals {
  sites = {
    www     = ["rehearsals", "tickets"]
    members = []
  }
}

resource "aws_acm_certificate" "site" {
  for_each = local.sites

  domain_name               = "${each.key}.${var.domain}"
  subject_alternative_names = [for name in each.value : "${name}.${var.domain}"]
  validation_method         = "DNS"
  tags                      = merge(var.tags, { Site = each.key })

  lifecycle {
    create_before_destroy = true
  }
}

# A self-signed pair, made for this example; it protects nothing.

resource "aws_acm_certificate" "old_server" {
  private_key      = file("${path.module}/old-server/key.pem")
  certificate_body = file("${path.module}/old-server/certificate.pem")
  tags             = merge(var.tags, { Site = "old-server" })
}

# The web servers look their certificates up here.

resource "aws_ssm_parameter" "certificate" {
  for_each = merge(
    { for site, certificate in aws_acm_certificate.site : site => certificate.arn },
    { old-server = aws_acm_certificate.old_server.arn },
  )

  name  = "/choir/certificates/${each.key}"
  type  = "String"
  value = each.value
  tags  = var.tags
}
