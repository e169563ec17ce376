output "vpc_id" {
  value = module.network.vpc_id
}

output "public_subnet_ids" {
  value = module.network.public_subnet_ids
}

output "private_subnet_ids" {
  value = module.network.private_subnet_ids
}

output "nat_interface_id" {
  value = module.network.nat_interface_id
}

output "key_arn" {
  value = module.security.key_arn
}

output "role_arns" {
  value = module.security.role_arns
}

output "log_buckets" {
  value = module.logging.buckets
}

output "log_groups" {
  value = module.logging.log_group_names
}

output "topic_arns" {
  value = { for name, topic in aws_sns_topic.this : name => topic.arn }
}

output "alarm_names" {
  value = { for name, alarm in aws_cloudwatch_metric_alarm.this : name => alarm.alarm_name }
}
