output "queue_url" {
  value = aws_sqs_queue.orders.id
}

output "queue_arn" {
  value = aws_sqs_queue.orders.arn
}

output "alarms" {
  value = { for kind, alarm in module.alarm : kind => alarm.name }
}
