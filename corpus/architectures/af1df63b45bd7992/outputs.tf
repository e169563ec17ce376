output "groups" {
  value = { for name, group in aws_iam_group.crew : name => group.name }
}

output "users" {
  value = { for name, user in aws_iam_user.member : name => user.name }
}

output "policy_arns" {
  value = { for name, policy in aws_iam_policy.crew : name => policy.arn }
}

output "role_name" {
  value = aws_iam_role.stage_manager.name
}

output "role_arn" {
  value = aws_iam_role.stage_manager.arn
}

output "boundary_arn" {
  value = aws_iam_policy.boundary.arn
}

output "instance_profile" {
  value = aws_iam_instance_profile.stage_manager.name
}
