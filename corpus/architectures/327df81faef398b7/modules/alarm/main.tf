resource "aws_cloudwatch_metric_alarm" "this" {
  alarm_name          = var.name
  namespace           = "Bakery"
  metric_name         = "OvenTemperature"
  statistic           = "Average"
  comparison_operator = var.comparison
  threshold           = var.celsius
  evaluation_periods  = 2
  period              = 60

  dimensions = {
    Oven = var.oven
  }
}
