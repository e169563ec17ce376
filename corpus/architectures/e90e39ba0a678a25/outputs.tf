output "stack_name" {
  value = aws_cloudformation_stack.readings.name
}

output "topic_arn" {
  value = aws_cloudformation_stack.readings.outputs["TopicArn"]
}

output "archive_url" {
  value = aws_cloudformation_stack.readings.outputs["ArchiveUrl"]
}

output "latitude_parameter" {
  value = aws_cloudformation_stack.readings.outputs["LatitudeParameter"]
}

output "astronomers_url" {
  value = aws_sqs_queue.astronomers.id
}
