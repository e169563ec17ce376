provider "aws" {
  region = var.region
}

locals {
  hosts = {
    www   = { weight = 90, addresses = ["198.51.100.10", "198.51.100.11"] }
    www-b = { weight = 10, addresses = ["198.51.100.20"] }
  }

  internal = {
    cellar = "10.60.1.10"
    press  = "10.60.1.11"
    scales = "10.60.1.12"
  }
}

resource "aws_route53_zone" "public" {
  name          = var.domain
  comment       = "What customers see"
  force_destroy = true
  tags          = var.tags
}

resource "aws_route53_health_check" "web" {
  fqdn              = "www.${var.domain}"
  port              = 443
  type              = "HTTPS"
  resource_path     = "/health"
  failure_threshold = 3
  request_interval  = 30
  tags              = merge(var.tags, { Name = "vineyard-web" })
}

resource "aws_route53_record" "web" {
  for_each = local.hosts

  zone_id         = aws_route53_zone.public.zone_id
  name            = "www.${var.domain}"
  type            = "A"
  ttl             = 60
  records         = each.value.addresses
  set_identifier  = each.key
  health_check_id = each.key == "www" ? aws_route53_health_check.web.id : null

  weighted_routing_policy {
    weight = each.value.weight
  }
}

resource "aws_route53_record" "shop" {
  zone_id = aws_route53_zone.public.zone_id
  name    = "shop.${var.domain}"
  type    = "CNAME"
  ttl     = 300
  records = ["www.${var.domain}"]
}

resource "aws_route53_record" "mail" {
  zone_id = aws_route53_zone.public.zone_id
  name    = var.domain
  type    = "MX"
  ttl     = 3600
  records = ["10 mx1.${var.domain}", "20 mx2.${var.domain}"]
}

resource "aws_route53_record" "spf" {
  zone_id = aws_route53_zone.public.zone_id
  name    = var.domain
  type    = "TXT"
  ttl     = 3600
  records = ["v=spf1 mx -all"]
}

# The network of the estate.

resource "aws_vpc" "estate" {
  cidr_block           = "10.60.0.0/16"
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = merge(var.tags, { Name = "vineyard-estate" })
}

resource "aws_subnet" "resolver" {
  count = 2

  vpc_id            = aws_vpc.estate.id
  cidr_block        = cidrsubnet(aws_vpc.estate.cidr_block, 8, count.index + 1)
  availability_zone = "${var.region}${element(["a", "b"], count.index)}"
  tags              = merge(var.tags, { Name = "vineyard-resolver-${count.index}" })
}

resource "aws_security_group" "resolver" {
  name        = "vineyard-resolver"
  description = "DNS to the old network"
  vpc_id      = aws_vpc.estate.id
  tags        = var.tags

  dynamic "ingress" {
    for_each = ["tcp", "udp"]

    content {
      description = "DNS over ${ingress.value}"
      protocol    = ingress.value
      from_port   = 53
      to_port     = 53
      cidr_blocks = [aws_vpc.estate.cidr_block]
    }
  }
}

resource "aws_route53_zone" "internal" {
  name          = "estate.${var.domain}"
  force_destroy = true
  tags          = var.tags

  vpc {
    vpc_id = aws_vpc.estate.id
  }
}

resource "aws_route53_record" "internal" {
  for_each = local.internal

  zone_id = aws_route53_zone.internal.zone_id
  name    = "${each.key}.estate.${var.domain}"
  type    = "A"
  ttl     = 30
  records = [each.value]
}

resource "aws_route53_resolver_endpoint" "outbound" {
  name               = "vineyard-outbound"
  direction          = "OUTBOUND"
  security_group_ids = [aws_security_group.resolver.id]
  tags               = var.tags

  dynamic "ip_address" {
    for_each = aws_subnet.resolver

    content {
      subnet_id = ip_address.value.id
    }
  }
}

resource "aws_route53_resolver_rule" "old_network" {
  name                 = "vineyard-old-network"
  domain_name          = "old.${var.domain}"
  rule_type            = "FORWARD"
  resolver_endpoint_id = aws_route53_resolver_endpoint.outbound.id
  tags                 = var.tags

  target_ip {
    ip = "192.0.2.53"
  }
}

resource "aws_route53_resolver_rule_association" "old_network" {
  resolver_rule_id = aws_route53_resolver_rule.old_network.id
  vpc_id           = aws_vpc.estate.id
}
