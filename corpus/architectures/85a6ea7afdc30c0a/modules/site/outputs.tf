output "vpc_id" {
  value = aws_vpc.this.id
}

output "subnet_ids" {
  value = aws_subnet.this[*].id
}

output "route_table_ids" {
  value = aws_route_table.this[*].id
}

output "security_group_id" {
  value = aws_security_group.peer.id
}

output "region" {
  value = data.aws_region.current.name
}
