output "domain" {
  value = var.domain
}

output "certificate_arns" {
  value = { for site, certificate in aws_acm_certificate.site : site => certificate.arn }
}

output "old_server_arn" {
  value = aws_acm_certificate.old_server.arn
}

output "parameters" {
  value = { for site, parameter in aws_ssm_parameter.certificate : site => parameter.name }
}
