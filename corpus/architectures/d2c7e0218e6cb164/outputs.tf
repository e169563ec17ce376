output "bucket" {
  value = aws_s3_bucket.box.id
}

output "queue_urls" {
  value = { for kind, queue in aws_sqs_queue.kind : kind => queue.id }
}

output "index_table" {
  value = aws_dynamodb_table.index.name
}

output "kinds" {
  value = local.kinds
}
