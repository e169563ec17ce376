# A clinic's split DNS: one name that means something else inside than outside, a private zone for two sites, resolver endpoints in both directions, forwarding rules, a DNS firewall and query logs.

provider "aws" {
  region = var.region
}

data "aws_availability_zones" "available" {
  state = "available"
}

locals {
  name = "clinic-dns"

  # Two resolver subnets per site, one per availability zone.
  subnets = {
    for pair in setproduct(keys(var.sites), [0, 1]) :
    "${pair[0]}-${pair[1]}" => { site = pair[0], index = pair[1] }
  }

  # Every site follows every rule.
  followed = {
    for pair in setproduct(keys(var.sites), keys(var.rules)) :
    "${pair[0]}/${pair[1]}" => { site = pair[0], rule = pair[1] }
  }

  main_site   = var.main_site
  other_sites = toset([for site in keys(var.sites) : site if site != var.main_site])
}

resource "aws_vpc" "site" {
  for_each = var.sites

  cidr_block           = each.value
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = merge(var.tags, { Name = "${local.name}-${each.key}" })
}

resource "aws_subnet" "resolver" {
  for_each = local.subnets

  vpc_id            = aws_vpc.site[each.value.site].id
  cidr_block        = cidrsubnet(var.sites[each.value.site], 8, each.value.index)
  availability_zone = data.aws_availability_zones.available.names[each.value.index]
  tags              = merge(var.tags, { Name = "${local.name}-${each.key}" })
}

# The same name twice: what patients see, and what the wards see.

resource "aws_route53_zone" "public" {
  name          = var.domain
  comment       = "For patients"
  force_destroy = true
  tags          = var.tags
}

resource "aws_route53_zone" "private" {
  name          = var.domain
  comment       = "For the wards"
  force_destroy = true
  tags          = var.tags

  vpc {
    vpc_id = aws_vpc.site[local.main_site].id
  }

  # The other sites are associated below; without this, each plan would remove them.
  lifecycle {
    ignore_changes = [vpc]
  }
}

resource "aws_route53_zone_association" "other" {
  for_each = local.other_sites

  zone_id = aws_route53_zone.private.zone_id
  vpc_id  = aws_vpc.site[each.key].id
}

resource "aws_route53_record" "portal" {
  for_each = {
    outside = { zone = aws_route53_zone.public.zone_id, addresses = var.portal_addresses.outside }
    inside  = { zone = aws_route53_zone.private.zone_id, addresses = var.portal_addresses.inside }
  }

  zone_id = each.value.zone
  name    = "portal.${var.domain}"
  type    = "A"
  ttl     = 60
  records = each.value.addresses
}

# Resolver endpoints at the main site.

resource "aws_security_group" "dns" {
  name        = local.name
  description = "DNS between the sites and the old hospital"
  vpc_id      = aws_vpc.site[local.main_site].id
  tags        = var.tags

  dynamic "ingress" {
    for_each = toset(["tcp", "udp"])

    content {
      description = "Questions over ${ingress.value}"
      protocol    = ingress.value
      from_port   = 53
      to_port     = 53
      cidr_blocks = concat(values(var.sites), [var.old_hospital])
    }
  }

  dynamic "egress" {
    for_each = toset(["tcp", "udp"])

    content {
      description = "Questions to the old hospital over ${egress.value}"
      protocol    = egress.value
      from_port   = 53
      to_port     = 53
      cidr_blocks = [var.old_hospital]
    }
  }
}

resource "aws_route53_resolver_endpoint" "this" {
  for_each = toset(["INBOUND", "OUTBOUND"])

  name               = "${local.name}-${lower(each.key)}"
  direction          = each.key
  security_group_ids = [aws_security_group.dns.id]
  tags               = var.tags

  dynamic "ip_address" {
    for_each = [for name, subnet in local.subnets : name if subnet.site == local.main_site]

    content {
      subnet_id = aws_subnet.resolver[ip_address.value].id
    }
  }
}

resource "aws_route53_resolver_rule" "this" {
  for_each = var.rules

  name                 = "${local.name}-${each.key}"
  domain_name          = each.value.domain
  rule_type            = length(each.value.servers) > 0 ? "FORWARD" : "SYSTEM"
  resolver_endpoint_id = length(each.value.servers) > 0 ? aws_route53_resolver_endpoint.this["OUTBOUND"].id : null
  tags                 = var.tags

  dynamic "target_ip" {
    for_each = each.value.servers

    content {
      ip   = target_ip.value
      port = 53
    }
  }
}

resource "aws_route53_resolver_rule_association" "this" {
  for_each = local.followed

  name             = "${local.name}-${replace(each.key, "/", "-")}"
  resolver_rule_id = aws_route53_resolver_rule.this[each.value.rule].id
  vpc_id           = aws_vpc.site[each.value.site].id
}

# What no ward has to look up.

resource "aws_route53_resolver_firewall_domain_list" "blocked" {
  name    = "${local.name}-blocked"
  domains = [for domain in var.blocked_domains : "${domain}."]
  tags    = var.tags
}

resource "aws_route53_resolver_firewall_rule_group" "wards" {
  name = "${local.name}-wards"
  tags = var.tags
}

resource "aws_route53_resolver_firewall_rule" "blocked" {
  name                    = "blocked"
  action                  = "BLOCK"
  block_response          = "NXDOMAIN"
  priority                = 100
  firewall_domain_list_id = aws_route53_resolver_firewall_domain_list.blocked.id
  firewall_rule_group_id  = aws_route53_resolver_firewall_rule_group.wards.id
}

resource "aws_route53_resolver_firewall_rule_group_association" "wards" {
  for_each = var.sites

  name                   = "${local.name}-${each.key}"
  firewall_rule_group_id = aws_route53_resolver_firewall_rule_group.wards.id
  priority               = 200
  vpc_id                 = aws_vpc.site[each.key].id
  tags                   = var.tags
}

resource "aws_cloudwatch_log_group" "queries" {
  name              = "/clinic/dns-queries"
  retention_in_days = 30
  tags              = var.tags
}

resource "aws_route53_resolver_query_log_config" "queries" {
  name            = local.name
  destination_arn = aws_cloudwatch_log_group.queries.arn
  tags            = var.tags
}

resource "aws_route53_resolver_query_log_config_association" "queries" {
  for_each = var.sites

  resolver_query_log_config_id = aws_route53_resolver_query_log_config.queries.id
  resource_id                  = aws_vpc.site[each.key].id
}
