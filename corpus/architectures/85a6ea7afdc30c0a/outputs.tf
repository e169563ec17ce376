output "peering_connection_id" {
  value = aws_vpc_peering_connection.this.id
}

output "regions" {
  value = { office = module.office.region, drydock = module.drydock.region }
}

output "vpc_ids" {
  value = { office = module.office.vpc_id, drydock = module.drydock.vpc_id }
}

output "subnet_ids" {
  value = { office = module.office.subnet_ids, drydock = module.drydock.subnet_ids }
}

output "route_table_ids" {
  value = { office = module.office.route_table_ids, drydock = module.drydock.route_table_ids }
}

output "cidr_blocks" {
  value = { office = var.office_cidr_block, drydock = var.drydock_cidr_block }
}
