output "zone_ids" {
  value = { public = aws_route53_zone.public.zone_id, private = aws_route53_zone.private.zone_id }
}

output "portal" {
  value = "portal.${var.domain}"
}

output "portal_addresses" {
  value = var.portal_addresses
}

output "vpc_ids" {
  value = { for site, vpc in aws_vpc.site : site => vpc.id }
}

output "endpoint_ids" {
  value = { for direction, endpoint in aws_route53_resolver_endpoint.this : lower(direction) => endpoint.id }
}

output "rule_ids" {
  value = { for name, rule in aws_route53_resolver_rule.this : name => rule.id }
}

output "firewall_rule_group_id" {
  value = aws_route53_resolver_firewall_rule_group.wards.id
}

output "query_log_group" {
  value = aws_cloudwatch_log_group.queries.name
}
