output "server_id" {
  value = aws_transfer_server.dropoff.id
}

output "endpoint" {
  value = aws_transfer_server.dropoff.endpoint
}

output "bucket" {
  value = aws_s3_bucket.dropped.id
}

output "arrivals_url" {
  value = aws_sqs_queue.arrivals.id
}

output "users" {
  value = { for name, user in aws_transfer_user.supplier : name => user.arn }
}
