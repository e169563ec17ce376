output "topic_arn" {
  description = "Where parcel events are published."
  value       = aws_sns_topic.events.arn
}

output "queue_urls" {
  description = "Department to queue URL."
  value       = { for name, consumer in module.consumer : name => consumer.queue_url }
}

output "dead_letter_urls" {
  description = "Department to dead-letter queue URL."
  value       = { for name, consumer in module.consumer : name => consumer.dead_letter_url }
}

output "key_alias" {
  value = aws_kms_alias.events.name
}
