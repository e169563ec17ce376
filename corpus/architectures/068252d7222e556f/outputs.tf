output "cluster_identifier" {
  value = aws_redshift_cluster.this.cluster_identifier
}

output "database_name" {
  value = aws_redshift_cluster.this.database_name
}

output "port" {
  value = aws_redshift_cluster.this.port
}

output "subnet_group_name" {
  value = aws_redshift_subnet_group.this.name
}

output "subnet_ids" {
  value = aws_subnet.warehouse[*].id
}

output "parameter_group_name" {
  value = aws_redshift_parameter_group.this.name
}

output "security_group_id" {
  value = aws_security_group.warehouse.id
}

output "manifest_bucket" {
  value = aws_s3_bucket.manifests.id
}

output "load_role_arn" {
  value = aws_iam_role.load.arn
}
