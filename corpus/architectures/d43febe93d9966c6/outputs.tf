output "api_id" {
  value = aws_api_gateway_rest_api.quotes.id
}

output "stage" {
  value = aws_api_gateway_stage.quotes.stage_name
}

output "function_name" {
  value = aws_lambda_function.quotes.function_name
}
