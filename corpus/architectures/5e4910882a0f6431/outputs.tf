output "function_name" {
  value = aws_lambda_function.weigher.function_name
}

output "alias_arn" {
  value = aws_lambda_alias.live.arn
}

output "parcels_url" {
  value = aws_sqs_queue.parcels.id
}

output "unweighable_url" {
  value = aws_sqs_queue.unweighable.id
}

output "mapping_id" {
  value = aws_lambda_event_source_mapping.parcels.uuid
}
