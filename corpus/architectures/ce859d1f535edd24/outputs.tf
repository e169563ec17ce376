output "http_api_id" {
  value = aws_apigatewayv2_api.http.id
}

output "pier_api_id" {
  value = aws_apigatewayv2_api.pier.id
}

output "authorizer_id" {
  value = aws_apigatewayv2_authorizer.token.id
}

output "private_routes" {
  value = [for key, route in local.routes : key if route.private]
}

output "public_routes" {
  value = [for key, route in local.routes : key if !route.private]
}

output "stages" {
  value = { for name, stage in aws_apigatewayv2_stage.http : name => stage.stage_variables }
}

output "backend_uris" {
  value = { for key, i in aws_apigatewayv2_integration.backend : key => i.integration_uri }
}
