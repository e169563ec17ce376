output "state_machine_arn" {
  value = aws_sfn_state_machine.order.arn
}

output "queue_urls" {
  value = { for station, queue in aws_sqs_queue.station : station => queue.id }
}

output "prices" {
  value = var.prices
}
