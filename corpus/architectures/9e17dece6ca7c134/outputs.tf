output "groups" {
  value = { for pool, group in aws_autoscaling_group.pool : pool => group.name }
}

output "launch_templates" {
  value = { for pool, template in aws_launch_template.pool : pool => template.id }
}

output "schedules" {
  value = keys(local.rules)
}

output "topic_arn" {
  value = aws_sns_topic.farm.arn
}
