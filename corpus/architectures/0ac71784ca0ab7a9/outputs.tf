output "bus_name" {
  value = aws_cloudwatch_event_bus.signals.name
}

output "bus_arn" {
  value = aws_cloudwatch_event_bus.signals.arn
}

output "archive_name" {
  value = aws_cloudwatch_event_archive.faults.name
}

output "archive_arn" {
  value = aws_cloudwatch_event_archive.faults.arn
}

output "rule_name" {
  value = aws_cloudwatch_event_rule.signals.name
}

output "control_room_url" {
  value = aws_sqs_queue.control_room.id
}
