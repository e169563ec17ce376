output "changes_stream" {
  value = aws_kinesis_stream.changes.name
}

output "tables" {
  value = { for key, table in aws_dynamodb_table.this : key => table.name }
}

output "table_streams" {
  value = {
    for key, table in aws_dynamodb_table.this : key => table.stream_arn
    if local.tables[key].view != null
  }
}

output "station_policy_arn" {
  value = aws_iam_policy.station.arn
}
