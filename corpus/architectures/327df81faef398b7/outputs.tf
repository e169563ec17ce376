output "key_alias" {
  value = aws_kms_alias.chain.name
}

output "oven_queues" {
  value = { for path, oven in local.ovens : path => oven.queue_url }
}

output "oven_alarms" {
  value = { for path, oven in local.ovens : path => oven.alarms }
}

output "topics" {
  value = { for name, bakery in module.bakery : name => bakery.topic_arn }
}

output "registry_parameter" {
  value = aws_ssm_parameter.registry.name
}
