output "subnet_ids" {
  value = aws_subnet.this[*].id
}

output "route_table_id" {
  value = aws_route_table.this.id
}
