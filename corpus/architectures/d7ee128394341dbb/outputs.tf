output "bus_name" {
  value = aws_cloudwatch_event_bus.orders.name
}

output "event_source" {
  value = local.source
}

output "queue_urls" {
  value = { for name, queue in aws_sqs_queue.this : name => queue.id }
}

output "state_machine_arn" {
  value = aws_sfn_state_machine.confirm.arn
}

output "review_threshold" {
  value = var.review_threshold
}
