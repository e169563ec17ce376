output "fingerprint" {
  description = "Changes whenever the API must be deployed again."
  value = sha1(jsonencode([
    aws_api_gateway_method.this.id,
    aws_api_gateway_integration.this.id,
    aws_api_gateway_integration_response.this.id,
    var.response_template,
    var.api_key_required,
  ]))
}
