output "stream_name" {
  value = aws_kinesis_stream.sightings.name
}

output "delivery_streams" {
  value = { for layer, stream in aws_kinesis_firehose_delivery_stream.layer : layer => stream.name }
}

output "lake_bucket" {
  value = aws_s3_bucket.lake.id
}

output "log_group" {
  value = aws_cloudwatch_log_group.delivery.name
}

output "routes_parameter" {
  value = aws_ssm_parameter.routes.name
}

output "flyways" {
  value = var.flyways
}

output "keep_days" {
  value = local.layers
}

output "key_arn" {
  value = aws_kms_key.sightings.arn
}
