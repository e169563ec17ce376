output "rest_api_id" {
  value = aws_api_gateway_rest_api.this.id
}

output "stages" {
  value = sort([for stage in aws_api_gateway_stage.this : stage.stage_name])
}

output "usage_plan_ids" {
  value = { for name, plan in aws_api_gateway_usage_plan.this : name => plan.id }
}

output "customer_plans" {
  value = local.members
}

output "customer_keys" {
  value = { for name, customer in var.customers : name => customer.key }
}

output "api_key_ids" {
  value = { for name, key in aws_api_gateway_api_key.customer : name => key.id }
}

output "model_names" {
  value = [aws_api_gateway_model.observation.name, aws_api_gateway_model.problem.name]
}

output "validator_ids" {
  value = { for name, validator in aws_api_gateway_request_validator.this : name => validator.id }
}
