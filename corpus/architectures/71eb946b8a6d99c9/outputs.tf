output "path" {
  value = local.path
}

output "secret_arn" {
  value = aws_secretsmanager_secret.database.arn
}

output "key_arn" {
  value = aws_kms_key.settings.arn
}

output "key_alias" {
  value = aws_kms_alias.settings.name
}
