output "log_groups" {
  value = { for name, group in aws_cloudwatch_log_group.service : name => group.name }
}

output "alarms" {
  value = { for name, alarm in aws_cloudwatch_metric_alarm.errors : name => alarm.alarm_name }
}

output "namespace" {
  value = local.namespace
}

output "pager_url" {
  value = aws_sqs_queue.pager.id
}

output "dashboard" {
  value = aws_cloudwatch_dashboard.errors.dashboard_name
}
