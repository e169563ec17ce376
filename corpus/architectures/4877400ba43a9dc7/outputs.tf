output "queue_url" {
  value = aws_sqs_queue.warnings.id
}

output "topic_arns" {
  value = local.topics
}

output "home_parameter" {
  value = aws_ssm_parameter.home.name
}
