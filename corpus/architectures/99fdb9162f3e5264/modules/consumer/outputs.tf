output "queue_url" {
  value = aws_sqs_queue.this.id
}

output "dead_letter_url" {
  value = aws_sqs_queue.dead.id
}
