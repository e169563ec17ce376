output "queue_url" {
  value = aws_sqs_queue.jobs.id
}

output "queue_arn" {
  value = aws_sqs_queue.jobs.arn
}

output "dead_url" {
  value = aws_sqs_queue.dead.id
}

output "reader_arns" {
  value = aws_iam_role.reader[*].arn
}

output "parameter_name" {
  value = aws_ssm_parameter.queue.name
}

output "receive_count" {
  value = var.receive_count
}
