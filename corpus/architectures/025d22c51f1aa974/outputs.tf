output "vpc_id" {
  value = aws_vpc.this.id
}

output "subnet_ids" {
  value = { for name, tier in module.tier : name => tier.subnet_ids }
}

output "internet_gateway_id" {
  value = aws_internet_gateway.this.id
}

output "security_group_ids" {
  value = {
    web         = aws_security_group.web.id
    application = aws_security_group.application.id
    data        = aws_security_group.data.id
  }
}

output "endpoint_id" {
  value = aws_vpc_endpoint.s3.id
}

output "flow_log_group" {
  value = aws_cloudwatch_log_group.flow.name
}
