output "delivery_stream" {
  value = aws_kinesis_firehose_delivery_stream.readings.name
}

output "archive_bucket" {
  value = aws_s3_bucket.archive.id
}

output "key_arn" {
  value = aws_kms_key.archive.arn
}
