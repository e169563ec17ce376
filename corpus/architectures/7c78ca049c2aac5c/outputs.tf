output "ring_aliases" {
  value = { for ring, alias in aws_kms_alias.ring : ring => alias.name }
}

output "ring_key_arns" {
  value = { for ring, key in aws_kms_key.ring : ring => key.arn }
}

output "retired_rings" {
  value = [for ring, settings in var.rings : ring if !settings.enabled]
}

output "team_role_arns" {
  value = { for team, role in aws_iam_role.team : team => role.arn }
}

output "grant_ids" {
  value = { for key, grant in aws_kms_grant.team : key => grant.grant_id }
}

output "backup_aliases" {
  value = aws_kms_alias.backup[*].name
}

output "current_backup_alias" {
  value = aws_kms_alias.backup_now.name
}

output "signing_aliases" {
  value = { for name, alias in aws_kms_alias.signature : name => alias.name }
}

output "signing_algorithms" {
  value = { for name, signature in local.signatures : name => signature.algorithm }
}
