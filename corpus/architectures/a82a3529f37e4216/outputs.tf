output "bucket" {
  value = aws_s3_bucket.pictures.id
}

output "queue_urls" {
  value = { for desk, queue in aws_sqs_queue.this : desk => queue.id }
}
