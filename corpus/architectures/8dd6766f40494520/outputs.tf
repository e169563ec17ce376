output "bus_names" {
  value = { for name, bus in aws_cloudwatch_event_bus.this : name => bus.name }
}

output "queue_urls" {
  value = { for name, queue in aws_sqs_queue.this : name => queue.id }
}

output "sailing_rules" {
  value = { for ferry, rule in aws_cloudwatch_event_rule.sailing : ferry => rule.name }
}

output "sailing_targets" {
  value = { for ferry, sailing in var.sailings : ferry => sailing.tells }
}

output "laid_up" {
  value = [for ferry, sailing in var.sailings : ferry if sailing.season == "laid up"]
}

output "incident_source" {
  value = "ferry.bridge"
}

output "incident_detail_type" {
  value = "Incident"
}

output "excess" {
  value = var.excess
}
