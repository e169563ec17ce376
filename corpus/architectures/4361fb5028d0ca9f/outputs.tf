output "api_id" {
  value = aws_api_gateway_rest_api.huts.id
}

output "stages" {
  value = { for name, stage in aws_api_gateway_stage.this : name => stage.variables.audience }
}

output "huts" {
  value = var.huts
}

output "season" {
  value = var.season
}

output "throttling" {
  value = { for name, stage in var.stages : name => stage.rate }
}

output "errors" {
  value = local.errors
}
