output "vaults" {
  value = { for key, vault in aws_backup_vault.this : key => vault.name }
}

output "plan_id" {
  value = aws_backup_plan.this.id
}

output "shares" {
  value = { for key, share in aws_efs_file_system.share : key => share.id }
}

output "access_points" {
  value = { for key, point in aws_efs_access_point.share : key => point.id }
}

output "rules" {
  value = var.rules
}

output "role_arn" {
  value = aws_iam_role.backup.arn
}
