output "recipe_tables" {
  value = { for stage, table in aws_dynamodb_table.recipes : stage => table.name }
}

output "log_groups" {
  value = { for stage, group in aws_cloudwatch_log_group.batches : stage => group.name }
}

output "retention_days" {
  value = local.stages
}

output "queue_urls" {
  value = { for key, queue in aws_sqs_queue.batches : key => queue.id }
}

output "temperature_parameters" {
  value = { for key, parameter in aws_ssm_parameter.temperature : key => parameter.name }
}

output "stage_groups" {
  value = { for stage, group in aws_resourcegroups_group.stage : stage => group.name }
}

output "cellar_groups" {
  value = { for cellar, group in aws_resourcegroups_group.cellar_queues : cellar => group.arn }
}
