output "api_id" {
  value = aws_api_gateway_rest_api.orders.id
}

output "stage" {
  value = aws_api_gateway_stage.live.stage_name
}

output "api_key" {
  value     = aws_api_gateway_api_key.shop.value
  sensitive = true
}

output "api_key_id" {
  value = aws_api_gateway_api_key.shop.id
}

output "usage_plan_id" {
  value = aws_api_gateway_usage_plan.shops.id
}
