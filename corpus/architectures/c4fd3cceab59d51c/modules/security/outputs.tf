output "key_id" {
  value = aws_kms_key.this.key_id
}

output "key_arn" {
  value = aws_kms_key.this.arn
}

output "role_arns" {
  value = { for name, role in aws_iam_role.this : name => role.arn }
}
