output "provider_arns" {
  value = { for name, provider in aws_iam_openid_connect_provider.this : name => provider.arn }
}

output "federated_role_arns" {
  value = { for name, role in aws_iam_role.federated : name => role.arn }
}

output "boundary_arn" {
  value = aws_iam_policy.boundary.arn
}

output "groups" {
  value = { for name, membership in aws_iam_group_membership.staff : membership.group => membership.users }
}

output "groups_of" {
  description = "The groups of each person."
  value       = local.members
}

output "instance_profile" {
  value = aws_iam_instance_profile.glasshouse.name
}

output "account_alias" {
  value = aws_iam_account_alias.garden.account_alias
}
