output "secret_arns" {
  value = { for name, secret in aws_secretsmanager_secret.this : name => secret.arn }
}

output "candidate_version" {
  value = aws_secretsmanager_secret_version.feeder_candidate.version_id
}

output "parameter_prefix" {
  value = local.prefix
}

output "parameter_names" {
  value = concat([for parameter in aws_ssm_parameter.setting : parameter.name], [aws_ssm_parameter.secret_names.name])
}

output "rotation_document" {
  value = aws_ssm_document.rotate.name
}

output "maintenance_window_id" {
  value = aws_ssm_maintenance_window.night.id
}

output "key_arn" {
  value = aws_kms_key.secrets.arn
}
