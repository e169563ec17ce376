output "domain" {
  value = var.domain
}

output "public_zone_id" {
  value = aws_route53_zone.public.zone_id
}

output "internal_zone_id" {
  value = aws_route53_zone.internal.zone_id
}

output "vpc_id" {
  value = aws_vpc.estate.id
}

output "health_check_id" {
  value = aws_route53_health_check.web.id
}

output "resolver_rule_id" {
  value = aws_route53_resolver_rule.old_network.id
}
