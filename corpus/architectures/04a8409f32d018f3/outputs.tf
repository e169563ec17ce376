output "state_machine_arn" {
  value = aws_sfn_state_machine.round.arn
}

output "queue_urls" {
  value = { for name, queue in aws_sqs_queue.this : name => queue.id }
}

output "watered_table" {
  value = aws_dynamodb_table.watered.name
}

output "rounds_table" {
  value = aws_dynamodb_table.rounds.name
}

output "dry_below" {
  value = var.dry_below
}

output "settle_seconds" {
  value = var.settle_seconds
}
