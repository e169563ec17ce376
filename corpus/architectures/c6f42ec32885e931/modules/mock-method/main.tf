resource "aws_api_gateway_method" "this" {
  rest_api_id          = var.rest_api_id
  resource_id          = var.resource_id
  http_method          = var.http_method
  authorization        = "NONE"
  api_key_required     = var.api_key_required
  request_validator_id = var.request_validator_id
  request_models       = var.request_models
  request_parameters   = var.request_parameters
}

resource "aws_api_gateway_integration" "this" {
  rest_api_id = var.rest_api_id
  resource_id = var.resource_id
  http_method = aws_api_gateway_method.this.http_method
  type        = "MOCK"

  request_templates = {
    "application/json" = jsonencode({ statusCode = tonumber(var.status_code) })
  }
}

resource "aws_api_gateway_method_response" "this" {
  rest_api_id = var.rest_api_id
  resource_id = var.resource_id
  http_method = aws_api_gateway_method.this.http_method
  status_code = var.status_code

  response_models = {
    "application/json" = "Empty"
  }
}

resource "aws_api_gateway_integration_response" "this" {
  rest_api_id = var.rest_api_id
  resource_id = var.resource_id
  http_method = aws_api_gateway_method.this.http_method
  status_code = aws_api_gateway_method_response.this.status_code

  response_templates = {
    "application/json" = var.response_template
  }

  depends_on = [aws_api_gateway_integration.this]
}
