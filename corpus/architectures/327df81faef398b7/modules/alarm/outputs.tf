output "name" {
  value = aws_cloudwatch_metric_alarm.this.alarm_name
}
