output "stream_name" {
  value = aws_kinesis_stream.clicks.name
}

output "stream_arn" {
  value = aws_kinesis_stream.clicks.arn
}

output "consumer_arn" {
  value = aws_kinesis_stream_consumer.charts.arn
}

output "checkpoint_tables" {
  value = { for reader, table in aws_dynamodb_table.checkpoint : reader => table.name }
}
