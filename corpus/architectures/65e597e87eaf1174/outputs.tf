output "instructions_url" {
  value = aws_sqs_queue.instructions.id
}

output "instructions_dead_url" {
  value = aws_sqs_queue.instructions_dead.id
}

output "receipt_urls" {
  value = aws_sqs_queue.receipts[*].id
}

output "receipts_dead_url" {
  value = aws_sqs_queue.receipts_dead.id
}
