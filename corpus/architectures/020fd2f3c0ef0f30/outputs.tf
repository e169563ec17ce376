output "topic_arns" {
  value = { for name, topic in aws_sns_topic.this : name => topic.arn }
}

output "queue_urls" {
  value = { for name, queue in aws_sqs_queue.reader : name => queue.id }
}

output "subscription_arns" {
  value = { for name, subscription in aws_sns_topic_subscription.reader : name => subscription.arn }
}

output "own_stations" {
  value = var.own_stations
}

output "frost_below" {
  value = var.frost_below
}
