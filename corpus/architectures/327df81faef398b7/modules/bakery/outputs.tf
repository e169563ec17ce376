output "topic_arn" {
  value = aws_sns_topic.orders.arn
}

output "ovens" {
  value = module.oven
}
