# An HTTP API of a ferry line: proxied routes, CORS and a token authorizer, a staged deployment with access logs, and a WebSocket API for the queue at the pier.

provider "aws" {
  region = var.region
}

locals {
  name = "ferry"

  routes = {
    "GET /departures"       = { path = "/v1/departures", private = false }
    "GET /departures/{id}"  = { path = "/v1/departures/{id}", private = false }
    "POST /bookings"        = { path = "/v1/bookings", private = true }
    "DELETE /bookings/{id}" = { path = "/v1/bookings/{id}", private = true }
  }
}

resource "aws_apigatewayv2_api" "http" {
  name          = "${local.name}-http"
  description   = "Departures and bookings"
  protocol_type = "HTTP"
  tags          = var.tags

  cors_configuration {
    allow_origins = ["https://${var.site}"]
    allow_methods = ["GET", "POST", "DELETE"]
    allow_headers = ["authorization", "content-type"]
    max_age       = 600
  }
}

resource "aws_apigatewayv2_authorizer" "token" {
  api_id           = aws_apigatewayv2_api.http.id
  name             = "token"
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]

  jwt_configuration {
    issuer   = "https://login.${var.site}"
    audience = ["bookings"]
  }
}

resource "aws_apigatewayv2_integration" "backend" {
  for_each = local.routes

  api_id                 = aws_apigatewayv2_api.http.id
  integration_type       = "HTTP_PROXY"
  integration_method     = split(" ", each.key)[0]
  integration_uri        = "https://backend.${var.site}${each.value.path}"
  payload_format_version = "1.0"
  timeout_milliseconds   = 5000
}

resource "aws_apigatewayv2_route" "http" {
  for_each = local.routes

  api_id             = aws_apigatewayv2_api.http.id
  route_key          = each.key
  target             = "integrations/${aws_apigatewayv2_integration.backend[each.key].id}"
  authorization_type = each.value.private ? "JWT" : "NONE"
  authorizer_id      = each.value.private ? aws_apigatewayv2_authorizer.token.id : null
}

resource "aws_cloudwatch_log_group" "access" {
  name              = "/${local.name}/access"
  retention_in_days = 30
  tags              = var.tags
}

resource "aws_apigatewayv2_stage" "http" {
  for_each = var.stages

  api_id      = aws_apigatewayv2_api.http.id
  name        = each.key
  auto_deploy = true
  tags        = var.tags

  stage_variables = {
    season = each.value.season
  }

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format          = "$context.requestId $context.routeKey $context.status"
  }

  default_route_settings {
    throttling_burst_limit = each.value.burst
    throttling_rate_limit  = each.value.rate
  }
}

# At the pier: who waits keeps a connection open.

resource "aws_apigatewayv2_api" "pier" {
  name                       = "${local.name}-pier"
  protocol_type              = "WEBSOCKET"
  route_selection_expression = "$request.body.action"
  tags                       = var.tags
}

resource "aws_apigatewayv2_integration" "pier" {
  api_id           = aws_apigatewayv2_api.pier.id
  integration_type = "MOCK"
}

resource "aws_apigatewayv2_route" "pier" {
  for_each = toset(["$connect", "$disconnect", "$default", "board"])

  api_id    = aws_apigatewayv2_api.pier.id
  route_key = each.key
  target    = "integrations/${aws_apigatewayv2_integration.pier.id}"
}
