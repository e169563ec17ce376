output "queue_url" {
  value = aws_sqs_queue.jobs.id
}

output "rules" {
  value = { for name, rule in aws_cloudwatch_event_rule.job : name => rule.name }
}

