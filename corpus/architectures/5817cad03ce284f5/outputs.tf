output "log_groups" {
  value = { for name, group in aws_cloudwatch_log_group.this : name => group.name }
}

output "metric_namespace" {
  value = local.namespace
}

output "metric_alarms" {
  value = concat(
    [aws_cloudwatch_metric_alarm.stop_ratio.alarm_name, aws_cloudwatch_metric_alarm.slippage.alarm_name],
    [for alarm in aws_cloudwatch_metric_alarm.crowd : alarm.alarm_name],
  )
}

output "composite_alarm" {
  value = aws_cloudwatch_composite_alarm.stop_the_line.alarm_name
}

output "dashboards" {
  value = { for station, dashboard in aws_cloudwatch_dashboard.station : station => dashboard.dashboard_name }
}

output "topic_arn" {
  value = aws_sns_topic.mechanic.arn
}

output "winch_stream" {
  value = aws_kinesis_stream.winch.name
}

output "archive_bucket" {
  value = aws_s3_bucket.archive.id
}

output "delivery_stream" {
  value = aws_kinesis_firehose_delivery_stream.cabins.name
}
