output "cluster" {
  value = aws_ecs_cluster.shop.name
}

output "repository_urls" {
  value = { for name, repository in aws_ecr_repository.this : name => repository.repository_url }
}

output "balancer_arn" {
  value = aws_lb.shop.arn
}

output "listener_arn" {
  value = aws_lb_listener.http.arn
}

output "services" {
  value = local.services
}

output "file_system" {
  value = aws_efs_file_system.cellar.id
}
