output "rules" {
  value = { for key, rule in aws_cloudwatch_event_rule.this : key => rule.name }
}

output "log_groups" {
  value = { for key, group in aws_cloudwatch_log_group.this : key => group.name }
}

output "inquiries_url" {
  value = aws_sqs_queue.this["inquiries"].id
}

output "guards_topic" {
  value = aws_sns_topic.guards.arn
}

output "archive" {
  value = aws_cloudwatch_event_archive.vault.name
}
