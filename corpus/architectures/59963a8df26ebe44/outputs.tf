output "user_pool_id" {
  value = aws_cognito_user_pool.club.id
}

output "web_client_id" {
  value = aws_cognito_user_pool_client.web.id
}

output "door_client_id" {
  value = aws_cognito_user_pool_client.door.id
}

output "identity_pool_id" {
  value = aws_cognito_identity_pool.club.id
}

output "group_roles" {
  value = { for name, role in aws_iam_role.group : name => role.arn }
}

output "hut_scopes" {
  value = aws_cognito_resource_server.hut.scope_identifiers
}
