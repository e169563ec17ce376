output "vault_bucket" {
  value = aws_s3_bucket.vault.id
}

output "copy_bucket" {
  value = aws_s3_bucket.copy.id
}

output "key_arns" {
  value = { for role, key in aws_kms_key.this : role => key.arn }
}

output "key_aliases" {
  value = { for role, alias in aws_kms_alias.this : role => alias.name }
}

output "replication_role_arn" {
  value = aws_iam_role.replication.arn
}

output "lock_days" {
  value = var.lock_days
}

output "draft_days" {
  value = var.draft_days
}
