output "database" {
  value = aws_db_instance.main.id
}

output "replicas" {
  value = aws_db_instance.replica[*].id
}

output "cache" {
  value = aws_elasticache_cluster.shop.cluster_id
}

output "secret" {
  value = aws_secretsmanager_secret.password.name
}

output "parameter_group" {
  value = aws_db_parameter_group.shop.name
}
