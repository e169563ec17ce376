output "things" {
  value = { for name, thing in aws_iot_thing.this : name => thing.arn }
}

output "certificates" {
  value = { for line, certificate in aws_iot_certificate.line : line => certificate.arn }
}

output "policies" {
  value = { for line, policy in aws_iot_policy.line : line => policy.name }
}

output "role_alias" {
  value = aws_iot_role_alias.machines.alias
}

output "state_table" {
  value = aws_dynamodb_table.state.name
}

output "broker_id" {
  value = aws_mq_broker.old.id
}
