output "vpc_id" {
  value = aws_vpc.this.id
}

output "subnet_ids" {
  value = { for zone, subnet in aws_subnet.private : zone => subnet.id }
}

output "route_table_ids" {
  value = { for zone, table in aws_route_table.private : zone => table.id }
}

output "gateway_endpoint_ids" {
  value = { for service, endpoint in aws_vpc_endpoint.gateway : service => endpoint.id }
}

output "interface_endpoint_ids" {
  value = { for service, endpoint in aws_vpc_endpoint.interface : service => endpoint.id }
}

output "endpoint_security_group_id" {
  value = aws_security_group.endpoints.id
}

output "network_acl_id" {
  value = aws_network_acl.private.id
}

output "scan_bucket" {
  value = aws_s3_bucket.scans.id
}

output "flow_bucket" {
  value = aws_s3_bucket.flows.id
}

output "refused_log_group" {
  value = aws_cloudwatch_log_group.refused.name
}
