output "queue_urls" {
  value = { for name, tenant in module.tenant : name => tenant.queue_url }
}

output "dead_letter_urls" {
  value = { for name, tenant in module.tenant : name => tenant.dead_url }
}

output "receive_counts" {
  value = { for name, tenant in module.tenant : name => tenant.receive_count }
}

output "parameter_names" {
  value = { for name, tenant in module.tenant : name => tenant.parameter_name }
}

output "reader_arns" {
  value = { for name, tenant in module.tenant : name => tenant.reader_arns }
}

output "directory_parameter" {
  value = aws_ssm_parameter.directory.name
}
