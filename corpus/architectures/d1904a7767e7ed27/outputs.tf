output "recorder_name" {
  value = aws_config_configuration_recorder.this.name
}

output "recorded_types" {
  value = var.resource_types
}

output "delivery_channel" {
  value = aws_config_delivery_channel.this.id
}

output "history_bucket" {
  value = aws_s3_bucket.history.id
}

output "history_prefix" {
  value = var.prefix
}

output "changes_topic_arn" {
  value = aws_sns_topic.changes.arn
}

output "rule_names" {
  value = { for key, rule in aws_config_config_rule.this : key => rule.name }
}

output "rule_parameters" {
  value = { for key, rule in local.rules : key => rule.parameters }
}

output "aggregator_name" {
  value = aws_config_configuration_aggregator.this.name
}
